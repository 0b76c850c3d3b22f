import { defineNode } from './define-node.ts';

/** Where a run comes from; it does nothing. */
export const trigger = defineNode({
  type: 'trigger',
  doc: 'Marks what starts the workflow. It does nothing when it runs.',
  rules: { description: { kind: 'text', doc: 'For readers.' } },
  output: 'none',
  run: async () => ({ kind: 'done', writes: {} }),
});

/** Declares the fields that the run's input brings. */
export const input = defineNode({
  type: 'input',
  doc: 'Names the fields that the input of a run brings, so that reading them is not reported.',
  rules: { fields: { kind: 'names', required: true, doc: 'Top-level fields of the input.' } },
  output: 'none',
  run: async () => ({ kind: 'done', writes: {} }),
});

/** Declares the fields that are the run's output. */
export const output = defineNode({
  type: 'output',
  doc: 'Names the fields that are the output of the run. Without an output node all of the state is.',
  rules: { fields: { kind: 'names', required: true, doc: 'Top-level fields of the state.' } },
  output: 'none',
  run: async () => ({ kind: 'done', writes: {} }),
});
