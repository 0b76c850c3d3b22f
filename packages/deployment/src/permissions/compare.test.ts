import { expect, test } from '@jest/globals';
import { comparePermissions } from './compare.ts';
import { covers, type Right } from './policies.ts';
import { normalised } from './recorded-calls.ts';

const RIGHTS: readonly Right[] = [
  { function: 'run', action: 's3:GetObject', resource: 'arn:aws:s3:::BUCKET/runs/*', statement: 0 },
  {
    function: 'run',
    action: 'states:SendTaskSuccess',
    resource: 'arn:aws:states:::stateMachine:statebag-*',
    statement: 1,
  },
];
const LINES = [
  {
    role: 'run',
    session: 'statebag-service-local-run',
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::test-bucket/runs/ada/run-1/blobs/ab.json',
  },
  {
    role: 'run',
    session: 'statebag-service-local-run',
    action: 'states:SendTaskSuccess',
    resource: 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-v3-local',
  },
  {
    role: 'gone',
    session: 'statebag-service-local-gone',
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::b/k',
  },
].map((line) => JSON.stringify(line));

test('what was recorded is told by kind, without the ids of a test', () => {
  expect(normalised(LINES, new Set(['run']))).toEqual({
    run: [
      's3:GetObject arn:aws:s3:::BUCKET/runs/x',
      'states:SendTaskSuccess arn:aws:states:::stateMachine:statebag-v3-STAGE',
    ],
  });
});

test('rights and calls that fit give nothing; a right too many and a right too few are named', () => {
  const recorded = normalised(LINES, new Set(['run']));
  expect(comparePermissions(RIGHTS, recorded)).toEqual([]);
  expect(
    comparePermissions(RIGHTS, {
      run: ['s3:GetObject arn:aws:s3:::BUCKET/definitions/x', ...(recorded['run'] ?? []).slice(1)],
    }),
  ).toEqual([
    'run calls s3:GetObject arn:aws:s3:::BUCKET/definitions/x and has no right to',
    'run may s3:GetObject arn:aws:s3:::BUCKET/runs/*, which no test was seen to use',
  ]);
});

test('a statement names actions and resources: each has to be used, not each pair', () => {
  const pairs = ['GetItem', 'Query'].flatMap((action) =>
    ['T', 'T/index'].map((resource) => ({ function: 'f', action, resource, statement: 0 })),
  );
  expect(comparePermissions(pairs, { f: ['GetItem T', 'Query T/index'] })).toEqual([]);
  expect(comparePermissions(pairs, { f: ['GetItem T', 'Query T'] })).toEqual([
    'f may GetItem T/index, which no test was seen to use',
    'f may Query T/index, which no test was seen to use',
  ]);
});

test.each([
  ['arn:aws:s3:::b/runs/*', 'arn:aws:s3:::b/runs/x', true],
  ['arn:aws:s3:::b/runs/*', 'arn:aws:s3:::b/uploads/x', false],
  ['*', 'anything', true],
  ['arn:aws:s3:::b', 'arn:aws:s3:::b/x', false],
])('%s covers %s: %s', (pattern, resource, expected) => expect(covers(pattern, resource)).toBe(expected));
