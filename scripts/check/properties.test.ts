import { expect, test } from '@jest/globals';
import { uncountedIn } from './properties.ts';

const found = (text: string) => uncountedIn([{ path: 'packages/a/src/b.test.ts', text }]).problems;
const IMPORT = `import fc from 'fast-check';\n`;

test.each(['assert', 'check'])('fc.%s is found', (name) =>
  expect(found(`${IMPORT}test('a', () =>\n  fc.${name}(fc.property(fc.nat(), works)));`)).toEqual([
    `packages/a/src/b.test.ts:3: fc.${name} counts no cases; use law of @statebag/law`,
  ]),
);

test.each([
  [`import * as any from 'fast-check';`, 'any.assert'],
  [`import { assert } from 'fast-check';`, 'assert'],
  [`import { check as holds } from 'fast-check';`, 'holds'],
  [`import { default as property } from 'fast-check';`, 'property.check'],
])('after %s too', (line, name) => expect(found(`${line}\n${name}(drawn);`)).toHaveLength(1));

test('law, and an assert of another kind, are not', () =>
  expect(found(`${IMPORT}law(fc.property(fc.nat(), works)); assert(1); console.assert(2);`)).toEqual([]));
