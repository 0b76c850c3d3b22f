import { isJsonObject, StatebagError } from '@statebag/contracts';
import { defineNode } from './define-node.ts';

/** Sets several fields at once. */
export const operator = defineNode({
  type: 'operator',
  aliases: ['operator_custom', 'safe_operator'],
  doc: 'Sets fields of the state: each key of `set` is a field, each value may hold expressions. All see the state as it was before.',
  example: {
    workflow: `name: discount
nodes:
  - id: start
    type: input
    config: { fields: [price] }
  - id: reduce
    type: operator
    config: { set: { price: '{% price * 0.9 %}', note: '10 % off {{ price }}' } }`,
    input: { price: 100 },
    output: { price: 90, note: '10 % off 100' },
  },
  rules: { set: { kind: 'values', required: true, doc: 'Field → value.' } },
  output: 'none',
  writes: ({ set }) => Object.keys(set),
  run: async ({ evaluator }, { set }) => {
    const writes = await evaluator.resolve(set);
    if (!isJsonObject(writes)) throw new StatebagError('Node.Failed', '`set` is not an object');
    return { kind: 'done', writes };
  },
});
