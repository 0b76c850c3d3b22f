import { deepEqual, equal } from 'node:assert/strict';
import { chain, localOf, outputs, type Scenario, transform } from '../scenario.ts';

export const scenario: Scenario = {
  about:
    'a run outlives an outage of the store: what was refused is tried again, and nothing is lost or done twice',
  local: true,
  async play(world) {
    const nodes = [
      transform('large', "$pad('', 60000, 'x')"),
      { id: 'pause', type: 'wait', config: { seconds: 1 } },
      transform('size', '$length(large)'),
      transform('more', "large & 'y'"),
      outputs('size'),
    ];
    const { execution_id: id } = await world.start(chain('outage', nodes));
    await world.until('the first part is over', async () =>
      (await world.nodes(id)).includes('large') ? true : undefined,
    );
    // More than a function tries itself, fewer than the tries of a task together.
    await localOf(world).outage(6);
    const run = await world.end(id);
    equal(run.status, 'SUCCEEDED');
    deepEqual(run.output, { size: 60_000 });
    deepEqual(await world.nodes(id), ['large', 'size', 'more']);
  },
};
