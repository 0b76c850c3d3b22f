import { deepEqual, equal } from 'node:assert/strict';
import { chain, inputs, outputs, type Scenario, transform } from '../scenario.ts';

const ITEMS = 500;

export const scenario: Scenario = {
  about: 'a distributed list is worked through by many workers and comes back in the order of its items',
  async play(world) {
    const config = {
      items: '{% numbers %}',
      distributed: 'map_reduce',
      body: { nodes: [transform('doubled', '$item * 2')] },
    };
    const list = { id: 'each', type: 'for_each', output_key: 'doubles', config };
    const nodes = [
      inputs('numbers'),
      list,
      transform('total', '$sum(doubles)'),
      transform('ends', '[doubles[0], doubles[-1], $count(doubles)]'),
      outputs('total', 'ends'),
    ];
    const run = await world.played(chain('distributed', nodes), {
      input: { numbers: Array.from({ length: ITEMS }, (_, index) => index) },
    });
    equal(run.status, 'SUCCEEDED');
    deepEqual(run.output, { total: ITEMS * (ITEMS - 1), ends: [0, 2 * (ITEMS - 1), ITEMS] });
  },
};
