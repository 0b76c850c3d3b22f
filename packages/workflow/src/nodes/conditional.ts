import { defineNode } from './define-node.ts';

/** Takes exactly one way. */
export const conditional = defineNode({
  type: 'conditional',
  aliases: ['route_condition', 'condition', 'router'],
  doc: 'Takes the first way whose condition is true, else the default: exactly one, whatever the others say.',
  rules: {
    cases: {
      kind: 'cases',
      required: true,
      doc: 'Ways in order: `{ "when": "{% … %}", "to": "<node id>" }`.',
    },
    default: { kind: 'node', required: true, doc: 'The way taken when no condition is true.' },
  },
  output: 'none',
  run: async ({ evaluator }, { cases, default: otherwise }) => {
    for (const { when, to } of cases) {
      if (await evaluator.test(when)) return { kind: 'done', writes: {}, goto: to, summary: `→ ${to}` };
    }
    return { kind: 'done', writes: {}, goto: otherwise, summary: `→ ${otherwise} (default)` };
  },
});
