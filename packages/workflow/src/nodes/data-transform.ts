import { defineNode, wrote } from './define-node.ts';

/** Computes one value from the state. */
export const dataTransform = defineNode({
  type: 'data_transform',
  aliases: ['transform'],
  doc: 'Computes a value from the state with JSONata and stores it in `output_key`.',
  rules: {
    transform: {
      kind: 'value',
      required: true,
      doc: 'An expression, or any JSON with expressions and templates in it.',
    },
  },
  output: 'required',
  expectedMillis: () => 50,
  run: async ({ node, evaluator }, { transform }) => wrote(node, await evaluator.resolve(transform)),
});
