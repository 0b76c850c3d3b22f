import { isJsonObject } from '@statebag/contracts';
import { defineNode, wrote } from './define-node.ts';
import { writesOf } from './flow.ts';

/** Runs several branches side by side. */
export const parallelGroup = defineNode({
  type: 'parallel_group',
  aliases: ['parallel'],
  doc: 'Runs its branches side by side. Each begins with the state as it is; what they write is merged in the order of the branches. A node with several plain edges is a group as well.',
  rules: {
    branches: {
      kind: 'branches',
      required: true,
      doc: '`{ "id"?, "nodes", "edges"?, "optional"? }` each. A branch that is `optional` may fail; nothing of it is kept then.',
    },
  },
  output: 'none',
  handsOver: { segment: 'parallel_group', when: () => true },
  wraps: ({ branches }) => {
    const [only, ...others] = Array.isArray(branches) ? branches : [];
    if (!isJsonObject(only) || others.length > 0 || only['optional'] === true) return null;
    return only['flow'] ?? null;
  },
  mayWrite: ({ branches = [] }) => [...new Set(branches.flatMap(({ flow }) => writesOf(flow)))].sort(),
  expectedMillis: ({ branches = [] }, ofBody) => Math.max(0, ...branches.map(({ flow }) => ofBody(flow))),
  run: async (context, { branches }) => {
    if (!branches) return { kind: 'hand-over', status: 'PARALLEL_GROUP', wait_until: null, request: null };
    await context.runBranches(branches);
    return { kind: 'done', writes: {}, summary: `${branches.length} branches` };
  },
});

/** Where branches meet. */
export const aggregator = defineNode({
  type: 'aggregator',
  aliases: ['join'],
  doc: 'Marks where branches meet, and may combine what they wrote into one value.',
  rules: { combine: { kind: 'value', doc: 'The value for `output_key`.' } },
  output: 'optional',
  run: async ({ node, evaluator }, { combine }) =>
    combine === undefined ? { kind: 'done', writes: {} } : wrote(node, await evaluator.resolve(combine)),
});
