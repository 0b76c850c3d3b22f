import { expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { cut, whole } from './cut-payload.ts';

test('a payload comes back whole, whatever was cut out of it', () => {
  law(
    fc.property(fc.array(fc.string(), { maxLength: 4 }), fc.jsonValue(), (texts, value) => {
      const kept = texts.map((text, index) => ({ name: `@${index}`, text }));
      const payload = JSON.stringify({ texts, value });
      expect(whole(cut(payload, kept), (name) => texts[Number(name.slice(1))] ?? '')).toBe(payload);
    }),
  );
});

test('what is cut out is in what is left no more', () => {
  const text = JSON.stringify({ long: 'x'.repeat(100) });
  const { rest, cuts } = cut(JSON.stringify({ input: text, output: null }), [{ name: '@7', text }]);
  expect(rest).toBe('{"input":,"output":null}');
  expect(cuts).toEqual([{ at: 9, name: '@7' }]);
});

test('a payload without the text is left as it is', () => {
  expect(cut('{"a":1}', [{ name: '@1', text: 'b' }])).toEqual({ rest: '{"a":1}', cuts: [] });
});
