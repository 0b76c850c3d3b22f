import { isJsonObject, StatebagError } from '@statebag/contracts';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';
import { defineNode } from './define-node.ts';

/** Groups nodes for readers, or uses another workflow in their place. */
export const subgraph = defineNode({
  type: 'subgraph',
  aliases: ['group'],
  doc: 'Groups nodes under a name: they work on the same state and are compiled as if they stood in its place. Or uses another workflow file, which has a state of its own at each use: `input` says what it is given, `output` what comes back.',
  rules: {
    body: { kind: 'body', required: true, fromFile: true, doc: 'The nodes, or the file that has them.' },
    input: {
      kind: 'values',
      doc: 'With a file: its field → value. Expressions see the state around the node. Over its `initial_state`.',
    },
    output: {
      kind: 'values',
      doc: 'With a file: field around the node → value. Expressions see the state of the file, which is gone afterwards.',
    },
  },
  output: 'none',
  deepest: WORKFLOW_LIMITS.subgraphDepth,
  problems: ({ body, input, output }) =>
    (input !== undefined || output !== undefined) && body !== undefined && 'nodes' in body
      ? ['`input` and `output` belong to a body that is a file; nodes written here work on the same state']
      : [],
  wraps: ({ body }) => body ?? null,
  writes: ({ input, output }) => Object.keys({ ...input, ...output }),
  // what is left of a use: a node where it begins, with `input`, and one where it ends, with `output`
  run: async ({ node, evaluator }, { input = {}, output = {} }) => {
    if (!node.use)
      throw new StatebagError('Node.Failed', `subgraph ${node.id} was not laid flat by the compiler`);
    const { begins_with = {}, drops = [] } = node.use;
    const given = await evaluator.resolve({ ...input, ...output });
    if (!isJsonObject(given)) throw new StatebagError('Node.Failed', 'what is given is not an object');
    return { kind: 'done', writes: { ...begins_with, ...given }, drops };
  },
});
