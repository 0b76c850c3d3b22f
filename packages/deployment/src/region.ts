import { createRequire } from 'node:module';

/** The region of a command: the one that it is given, else that of the environment, as the templates read it. */
export function regionOf(given: string | undefined): string {
  const ofEnvironment: string = createRequire(import.meta.url)('../region.cjs');
  return given ?? ofEnvironment;
}
