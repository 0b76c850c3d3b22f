import { equal, match } from 'node:assert/strict';
import { chain, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a loop whose condition never holds ends at its limit, and says so',
  async play(world) {
    const loop = {
      id: 'again',
      type: 'loop',
      config: { max_iterations: 7, until: '{% false %}', body: { nodes: [transform('n', 'n + 1')] } },
    };
    const run = await world.played(chain('loop-limit', [loop], { initial_state: { n: 0 } }));
    equal(run.status, 'FAILED');
    equal(run.error, 'Loop.LimitExceeded');
    match(String(run.cause), /7 iterations/);
  },
};
