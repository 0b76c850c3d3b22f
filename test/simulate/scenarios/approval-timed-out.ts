import { deepEqual, equal } from 'node:assert/strict';
import { approval } from '../approval.ts';
import { localOf, type Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  about:
    'an approval nobody answers ends at its deadline: with the default, or by failing the run; a late answer is refused',
  local: true,
  async play(world) {
    const { beat } = localOf(world);
    const byDefault = await world.start(approval('times-out', { deadline_s: 60, default: 'reject' }), {
      input: { amount: 5 },
    });
    await world.asked(byDefault.execution_id);
    await beat(120);
    deepEqual((await world.end(byDefault.execution_id)).output, { paid: 'reject: 5' });

    const failing = await world.start(approval('times-out-fails', { deadline_s: 60 }), {
      input: { amount: 5 },
    });
    await world.asked(failing.execution_id);
    await beat(120);
    equal((await world.end(failing.execution_id)).status, 'FAILED');
    equal((await world.call(`POST /runs/${failing.execution_id}/approve`, { body: {} })).status, 410);
  },
};
