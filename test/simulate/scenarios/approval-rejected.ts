import { deepEqual, equal } from 'node:assert/strict';
import { approval } from '../approval.ts';
import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a rejected run takes the way for that, or fails where the workflow says so',
  async play(world) {
    const { execution_id: id } = await world.start(approval('rejected'), { input: { amount: 5 } });
    await world.asked(id);
    equal((await world.call(`POST /runs/${id}/reject`, { body: { comment: 'too much' } })).status, 200);
    deepEqual((await world.end(id)).output, { paid: 'reject: 5' });

    const strict = await world.start(approval('rejected-fails', { on_reject: 'fail' }), {
      input: { amount: 5 },
    });
    await world.asked(strict.execution_id);
    await world.call(`POST /runs/${strict.execution_id}/reject`, { body: {} });
    equal((await world.end(strict.execution_id)).status, 'FAILED');
  },
};
