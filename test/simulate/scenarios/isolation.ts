import { deepEqual, equal } from 'node:assert/strict';
import { chain, inputs, outputs, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'runs at the same time keep to their own state, and nobody sees the runs of another owner',
  async play(world) {
    const workflow = chain('isolation', [
      inputs('who'),
      { id: 'pause', type: 'wait', config: { until: '{% $fromMillis($millis() + 100) %}' } },
      transform('hello', "'Hello ' & who"),
      outputs('hello'),
    ]);
    const names = ['one', 'two', 'three', 'four'];
    const runs = await Promise.all(names.map((who) => world.start(workflow, { input: { who } })));
    const ended = await Promise.all(runs.map(({ execution_id }) => world.end(execution_id)));
    deepEqual(
      ended.map(({ output }) => output?.['hello']),
      names.map((who) => `Hello ${who}`),
    );
    const [first = { execution_id: '' }] = runs;
    equal((await world.call(`GET /runs/${first.execution_id}`, { as: 'bob' })).status, 404);
    const { body } = await world.call<{ runs: { execution_id: string }[] }>('GET /runs?limit=100', {
      as: 'bob',
    });
    equal(
      body.runs.some(({ execution_id }) => execution_id === first.execution_id),
      false,
    );
  },
};
