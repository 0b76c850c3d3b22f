import { life } from './deployment/life.ts';
import { places } from './deployment/places.ts';
import { releases } from './deployment/releases.ts';

/** Everything by the real tools, on accounts with nothing in them. Prints each step with its time. */
export async function prove(): Promise<string> {
  const steps: string[] = [];
  for (const part of [life, places, releases]) {
    let began = performance.now();
    await part((step) => {
      console.log(`  ${step}, ${((performance.now() - began) / 1_000).toFixed(1)} s`);
      began = performance.now();
      steps.push(step);
    });
  }
  return steps.join('; ');
}
