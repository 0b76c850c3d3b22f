import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** What came of a scenario. */
export interface Played {
  readonly name: string;
  readonly about: string;
  /** `skipped`: needs what a stage does not allow. */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly milliseconds: number;
  readonly message: string;
}

export async function play(name: string, scenario: Scenario, world: World): Promise<Played> {
  const { about } = scenario;
  if (scenario.local && !world.local)
    return { name, about, outcome: 'skipped', milliseconds: 0, message: 'needs a local cloud' };
  const began = performance.now();
  const ended = (outcome: Played['outcome'], message: string): Played => ({
    name,
    about,
    outcome,
    milliseconds: Math.round(performance.now() - began),
    message,
  });
  try {
    await scenario.play(world);
    return ended('passed', '');
  } catch (error) {
    return ended('failed', error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  } finally {
    await world.tidy();
  }
}
