import { deepEqual, equal, match } from 'node:assert/strict';
import { chain, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about: 'a node that fails ends the run with the name of the error and the node, and nothing after it runs',
  async play(world) {
    const run = await world.played(
      chain('fails', [
        transform('fine', "'safe'"),
        transform('boom', '$number("x")'),
        transform('never', '1'),
      ]),
    );
    equal(run.status, 'FAILED');
    equal(run.error, 'Expression.Failed');
    match(String(run.cause), /boom/);
    deepEqual(await world.nodes(run.execution_id), ['fine', 'boom']);
  },
};
