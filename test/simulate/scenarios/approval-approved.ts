import { deepEqual, equal } from 'node:assert/strict';
import { approval } from '../approval.ts';
import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  about:
    'an approved run goes on once, with the answer; deciding again changes nothing, deciding otherwise is refused',
  async play(world) {
    const { execution_id: id } = await world.start(approval('approved'), { input: { amount: 5 } });
    equal((await world.asked(id)).message, 'Pay 5?');
    equal((await world.call(`POST /runs/${id}/approve`, { as: 'bob', body: {} })).status, 404);
    const decided = await world.call<{ repeated: boolean }>(`POST /runs/${id}/approve`, {
      body: { comment: 'fine' },
    });
    deepEqual([decided.status, decided.body.repeated], [200, false]);
    const run = await world.end(id);
    equal(run.status, 'SUCCEEDED');
    deepEqual(run.output, { paid: 'approve: 5' });
    deepEqual(await world.nodes(id), ['in', 'paid']);
    equal((await world.call(`POST /runs/${id}/reject`, { body: {} })).status, 409);
  },
};
