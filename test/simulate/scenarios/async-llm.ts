import { deepEqual, equal } from 'node:assert/strict';
import { ask, chain, inputs, outputs, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a model asked by a worker of its own answers once, and the run goes on with it',
  async play(world) {
    const schema = {
      type: 'object',
      properties: { tone: { enum: ['glad', 'sad'] } },
      required: ['tone'],
      additionalProperties: false,
    };
    const nodes = [
      inputs('text'),
      ask('answer', 'Is this glad? {{ text }}', { async: true, response_schema: schema }),
      transform('tone', 'answer.tone'),
      outputs('tone'),
    ];
    const run = await world.played(chain('async-llm', nodes), { input: { text: 'What a glad day.' } });
    equal(run.status, 'SUCCEEDED');
    deepEqual(run.output, { tone: 'glad' });
    const history = await world.nodes(run.execution_id);
    deepEqual(history.filter((node) => node === 'answer' || node === 'tone').at(-1), 'tone');
  },
};
