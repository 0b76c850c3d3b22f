import { deepEqual, equal } from 'node:assert/strict';
import { approval } from '../approval.ts';
import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a cancelled run ends with all it started, and refuses a late approval',
  async play(world) {
    const { execution_id: id } = await world.start(approval('cancelled'), { input: { amount: 5 } });
    await world.asked(id);
    equal((await world.call(`POST /runs/${id}/cancel`, { body: {} })).status, 202);
    equal((await world.end(id)).status, 'CANCELLED');
    equal((await world.call(`POST /runs/${id}/approve`, { body: {} })).status >= 400, true);
    deepEqual((await world.nodes(id)).includes('paid'), false);
  },
};
