import { equal, match } from 'node:assert/strict';
import { ask, chain, type Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'an answer that does not obey the schema is asked for again, and then fails the run',
  local: true,
  async play(world) {
    const config = {
      provider: 'openai-compatible',
      model: 'echo',
      tries: 3,
      response_schema: { type: 'object', required: ['a'] },
    };
    const run = await world.played(chain('violation', [ask('answer', 'BABBLE', config)]));
    equal(run.status, 'FAILED');
    equal(run.error, 'Llm.OutputInvalid');
    match(String(run.cause), /3 answers of echo/);
  },
};
