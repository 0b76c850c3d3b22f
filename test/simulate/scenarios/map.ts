import { deepEqual, equal } from 'node:assert/strict';
import { chain, inputs, outputs, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a list keeps the order of its items, however many run at once',
  async play(world) {
    const list = {
      id: 'each',
      type: 'for_each',
      output_key: 'squares',
      config: {
        items: '{% numbers %}',
        max_concurrency: 10,
        body: { nodes: [transform('square', '$item * $item')] },
      },
    };
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    const run = await world.played(chain('map', [inputs('numbers'), list, outputs('squares')]), {
      input: { numbers },
    });
    equal(run.status, 'SUCCEEDED');
    deepEqual(
      run.output?.['squares'],
      numbers.map((number) => number * number),
    );
  },
};
