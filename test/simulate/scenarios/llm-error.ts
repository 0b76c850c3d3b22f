import { equal, match } from 'node:assert/strict';
import { ask, chain, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a model that refuses the request fails the run with the name of that, and is not asked again',
  local: true,
  async play(world) {
    const run = await world.played(
      chain('llm-error', [
        ask('answer', 'REFUSE this', { provider: 'openai-compatible', model: 'echo' }),
        transform('never', '1'),
      ]),
    );
    equal(run.status, 'FAILED');
    equal(run.error, 'Llm.RequestRejected');
    match(String(run.cause), /answer/);
  },
};
