import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const { CALLED }: { CALLED: Readonly<Record<string, readonly string[]>> } = createRequire(import.meta.url)(
  '@statebag/stepfunctions/releases',
);

test('the role of the machines names every function that a definition calls, and no other', () => {
  const filledIn = readFileSync(join(ROOT, 'stepfunctions', 'asl.cjs'), 'utf8');
  const names = [...filledIn.matchAll(/'self:custom\.(\w+)Arn'/g)].map(([, name = '']) => name);
  const functions = [...new Set(names)].filter((name) => !name.endsWith('Machine'));
  const allowed = Object.values(CALLED).flat();
  expect(allowed.toSorted()).toEqual(functions.toSorted());
});
