import { expect, test } from '@jest/globals';
import { comparePermissions } from './compare.ts';
import { MACHINES, type RoleStatement } from './statements.ts';
import { witnessesOf } from './witnesses.ts';

const RUNS = 'arn:aws:s3:::BUCKET/runs/*';
const STATEMENTS: readonly RoleStatement[] = [
  { role: 'run', place: 0, actions: ['s3:GetObject'], resources: [RUNS] },
  { role: 'run', place: 1, actions: ['states:SendTaskSuccess'], resources: ['machine'] },
  { role: MACHINES, place: 0, actions: ['lambda:InvokeFunction'], resources: ['a', 'b'] },
];
const used = (role: string, statement: number, action: string, resource = 0) =>
  JSON.stringify({ role, statement, action, resource });
const LINES = [
  used('statebag-local-run-us-east-1', 0, 's3:GetObject'),
  used('statebag-staging-run-eu-west-1', 1, 'states:SendTaskSuccess'),
  used('statebag-local-StepfunctionsMachineRole-1Q5kC1ASgIce', 0, 'lambda:InvokeFunction', 1),
  used('statebag-local-gone-us-east-1', 0, 's3:GetObject'),
  used('somebody-else', 0, 's3:GetObject'),
];

test('what was recorded is told by the statement that allowed it, with the suite', () => {
  expect(witnessesOf([{ suite: 'test/a.test.ts', lines: LINES }], STATEMENTS)).toEqual({
    run: {
      [`s3:GetObject ${RUNS}`]: ['test/a.test.ts'],
      'states:SendTaskSuccess machine': ['test/a.test.ts'],
    },
    [MACHINES]: { 'lambda:InvokeFunction b': ['test/a.test.ts'] },
  });
});

test('of many suites three are kept, those of one service before those of the whole', () => {
  const suites = ['test/a.test.ts', 'test/b.test.ts', 'services/x/x.test.ts', 'test/c.test.ts'];
  const recordings = suites.map((suite) => ({ suite, lines: LINES.slice(0, 1) }));
  expect(witnessesOf(recordings, STATEMENTS)['run']).toEqual({
    [`s3:GetObject ${RUNS}`]: ['services/x/x.test.ts', 'test/a.test.ts', 'test/b.test.ts'],
  });
});

test('what was known stays, as far as a statement still gives it', () => {
  const known = {
    run: { [`s3:GetObject ${RUNS}`]: ['test/a.test.ts'], 's3:PutObject gone': ['test/a.test.ts'] },
  };
  expect(witnessesOf([], STATEMENTS, known)).toEqual({
    run: { [`s3:GetObject ${RUNS}`]: ['test/a.test.ts'] },
  });
});

test('a right that nothing uses is named, and so is a witness of a right that nobody has', () => {
  const witnesses = witnessesOf([{ suite: 'test/a.test.ts', lines: LINES }], STATEMENTS);
  expect(comparePermissions(STATEMENTS, witnesses)).toEqual([
    'machines may lambda:InvokeFunction a, which no test was seen to use',
  ]);
  expect(comparePermissions(STATEMENTS.slice(1, 2), { run: witnesses['run'] ?? {} })).toEqual([
    `witnesses.json: run has no right to s3:GetObject ${RUNS}: npm run permissions -- --record`,
  ]);
});

test('a statement names actions and resources: each has to be used, not each pair', () => {
  const statement = { role: 'f', place: 0, actions: ['GetItem', 'Query'], resources: ['T', 'T/index'] };
  const seen = (...rights: string[]) => ({ f: Object.fromEntries(rights.map((right) => [right, ['a']])) });
  expect(comparePermissions([statement], seen('GetItem T', 'Query T/index'))).toEqual([]);
  expect(comparePermissions([statement], seen('GetItem T', 'Query T'))).toEqual([
    'f may GetItem T/index, which no test was seen to use',
    'f may Query T/index, which no test was seen to use',
  ]);
});

test('a right with a reason needs no test', () => {
  const statement = { role: 'every function', place: 0, actions: ['kms:Decrypt'], resources: ['key'] };
  expect(comparePermissions([statement], {})).toEqual([]);
});
