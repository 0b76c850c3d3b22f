import { deepEqual, equal } from 'node:assert/strict';
import { chain, inputs, outputs, type Scenario, transform } from '../scenario.ts';

const pausing = {
  nodes: [
    transform('a', "x & 'a'"),
    { id: 'pause', type: 'wait', config: { seconds: 1 } },
    transform('a2', "a & '2'"),
  ],
  edges: [
    { from: 'a', to: 'pause' },
    { from: 'pause', to: 'a2' },
  ],
};
const nested = {
  id: 'inner',
  type: 'parallel_group',
  config: { branches: ['c', 'd'].map((key) => ({ nodes: [transform(key, `x & '${key}'`)] })) },
};

export const scenario: Scenario = {
  about: 'branches join in their order, whichever is ready first; one waits, one holds branches of its own',
  async play(world) {
    const group = {
      id: 'group',
      type: 'parallel_group',
      config: { branches: [pausing, { nodes: [transform('b', "x & 'b'")] }, { nodes: [nested] }] },
    };
    const run = await world.played(
      chain('parallel', [inputs('x'), group, transform('all', '[a2, b, c, d]'), outputs('all')]),
      { input: { x: '-' } },
    );
    equal(run.status, 'SUCCEEDED');
    deepEqual(run.output, { all: ['-a2', '-b', '-c', '-d'] });
    const order = (await world.nodes(run.execution_id)).filter((node) =>
      ['a', 'a2', 'b', 'c', 'd', 'all'].includes(node),
    );
    deepEqual(order, ['a', 'a2', 'b', 'c', 'd', 'all']);
  },
};
