import { deepEqual, equal } from 'node:assert/strict';
import { chain, inputs, outputs, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'the same start twice is one run; the same key with another input is refused',
  async play(world) {
    const workflow = chain('duplicate', [inputs('n'), transform('twice', 'n * 2'), outputs('twice')]);
    const key = `simulate-${Date.now()}`;
    const [first, second] = await Promise.all(
      [1, 2].map(() => world.tryStart(workflow, { input: { n: 21 }, key })),
    );
    deepEqual(
      [first?.body.execution_id, new Set([first?.status, second?.status]).has(201)],
      [second?.body.execution_id, true],
    );
    const run = await world.end(String(first?.body.execution_id));
    deepEqual(run.output, { twice: 42 });
    equal((await world.tryStart(workflow, { input: { n: 21 }, key })).status, 200);
    equal((await world.tryStart(workflow, { input: { n: 22 }, key })).status, 409);
  },
};
