import { expect, test } from '@jest/globals';
import Type from 'typebox';
import { defineNode, isNode, type StandardSchema } from './index.ts';

test('takes the types of config and state from TypeBox and from the names that it reads', () => {
  const node = defineNode({
    type: 'text.cut',
    config: Type.Object({
      most: Type.Integer(),
      end: Type.Optional(Type.String()),
      at: Type.Union([Type.Literal('word'), Type.Literal('letter')]),
    }),
    reads: ['title'],
    run: ({ config, state }) => {
      const most: number = config.most;
      const end: string | undefined = config.end;
      const at: 'word' | 'letter' = config.at;
      // @ts-expect-error it reads no such field
      const other = state.body;
      // @ts-expect-error a node without an effect has no key
      const key = config.key;
      return [most, end, at, state.title, other, key];
    },
  });
  expect(isNode(node)).toBe(true);
  expect(node.reads({})).toEqual(['title']);
  expect(node.expectedMs).toBe(50);
});

test('takes them from JSON Schema and from any Standard Schema, and gives a call its key', () => {
  const schema = { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] } as const;
  const sent = defineNode({
    type: 'mail.send',
    config: schema,
    effect: 'once',
    run: ({ config, key, signal }) => {
      const to: string = config.to;
      return [to, key, signal.aborted];
    },
  });
  expect(sent).toMatchObject({ effect: 'once', expectedMs: 1_000 });
  const standard: StandardSchema<{ field: string }> = {
    '~standard': { version: 1, vendor: 'own', validate: () => ({ value: { field: 'a' } }) },
  };
  const copied = defineNode({
    type: 'text.copy',
    config: standard,
    reads: ({ field }) => [field],
    run: ({ config, state }) => state[config.field],
  });
  expect(copied.reads({ field: 'b' })).toEqual(['b']);
});

test.each(['loop', 'Shop.charge', 'shop.', '.shop', 'shop charge', `a.${'b'.repeat(63)}`])(
  'refuses the type %s: it could be taken for another, or could not be written down',
  (type) => {
    expect(() => defineNode({ type, run: () => null })).toThrow(/cannot be the type of a node/);
  },
);

test('knows a node of another copy of this package, and nothing else', () => {
  expect(isNode({ [Symbol.for('statebag.node')]: true })).toBe(true);
  for (const value of [null, undefined, 'text.cut', {}, () => null]) expect(isNode(value)).toBe(false);
});
