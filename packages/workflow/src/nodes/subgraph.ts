import { StatebagError } from '@statebag/contracts';
import { defineNode } from './define-node.ts';

/** Groups nodes for readers. */
export const subgraph = defineNode({
  type: 'subgraph',
  doc: 'Groups nodes under a name. They work on the same state and are compiled as if they stood in its place.',
  rules: { body: { kind: 'body', required: true, doc: 'The nodes.' } },
  output: 'none',
  run: async ({ node }) => {
    throw new StatebagError('Node.Failed', `subgraph ${node.id} was not laid flat by the compiler`);
  },
});
