import { createRequire } from 'node:module';
import { join } from 'node:path';
import { deployables } from './stacks.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
// releases.cjs exports it
const { MACHINES }: { MACHINES: Readonly<Record<string, string>> } = createRequire(import.meta.url)(
  '@statebag/stepfunctions/releases',
);

/**
 * Whether a function is one of a stage. Names of stages may have dashes: functions of `pre-prod` are none of
 * `prod` and none of `pre`.
 */
export function isFunctionOf(stage: string, name: string): boolean {
  const services = deployables(ROOT).map((folder) => folder.replace('services/', ''));
  return services.some((service) => new RegExp(`^statebag-${service}-${stage}-[A-Za-z0-9]+$`).test(name));
}

/**
 * The machine that a name of a stage means: `v3` for `statebag-v3-prod`; undefined for one of another
 * stage.
 */
export function machineOf(stage: string, name: string): string | undefined {
  return Object.values(MACHINES).find((machine) => name === `statebag-${machine}-${stage}`);
}
