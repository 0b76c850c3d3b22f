import { deepEqual, equal } from 'node:assert/strict';
import { ask, chain, inputs, outputs, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a run completes with the values of its nodes, in their order',
  async play(world) {
    const nodes = [
      inputs('name'),
      transform('greeting', "'Hello ' & name"),
      ask('reply', 'Say something to {{ name }}, please, in a sentence.'),
      outputs('greeting', 'reply'),
    ];
    const run = await world.played(chain('completes', nodes, { options: { llm_per_segment: 1 } }), {
      input: { name: 'Ada' },
    });
    equal(run.status, 'SUCCEEDED');
    equal(run.output?.['greeting'], 'Hello Ada');
    equal(typeof run.output?.['reply'], 'string');
    deepEqual(await world.nodes(run.execution_id), ['in', 'greeting', 'reply']);
  },
};
