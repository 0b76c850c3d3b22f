import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readQuotas } from './quota-set.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotas-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: object) {
  const file = join(folder, 'quotas.json');
  writeFileSync(file, JSON.stringify(content));
  return readQuotas(file);
}

test('a file says what differs from a set', () => {
  const { concurrency, openExecutions, rates } = read({
    base: 'fresh-account',
    'states.StartExecution': { bucket: 2_000, per_second: 1_500 },
    'states.TagResource': { bucket: 200, per_second: 1 },
    'states.open_executions': 50,
    'dynamodb.table_writes': { bucket: 100, per_second: 100, doubles_to: 400 },
  });
  expect([concurrency, openExecutions]).toEqual([10, 50]);
  expect(rates['dynamodb.table_writes']?.doubles_to).toBe(400);
  expect(rates['states.StartExecution']).toEqual({ bucket: 2_000, per_second: 1_500 });
  expect(rates['states.TagResource']).toEqual({ bucket: 200, per_second: 1 });
  expect(rates['s3.writes']).toEqual(readQuotas('us-east-1').rates['s3.writes']);
});

test.each([
  [{ base: 'mars' }, 'base has to be one of us-east-1, fresh-account'],
  [{ 'lambda.concurrency': 0 }, 'lambda.concurrency has to be a number from 1'],
  [{ 'states.open_executions': '9' }, 'states.open_executions has to be a number from 1'],
  [{ 's3.writes': { bucket: 2, per_second: 2, doubles_to: 1 } }, 's3.writes has to be { "bucket"'],
  [{ 's3.deletes': { bucket: 1, per_second: 1 } }, 's3.deletes has to be left out'],
  [{ 's3.writes': { bucket: 1 } }, 's3.writes has to be { "bucket"'],
  [{ 's3.writes': { bucket: 1, per_second: 1, unit: 's' } }, 's3.writes has to be { "bucket"'],
])('refuses %j', (content, message) => {
  expect(() => read(content)).toThrow(message);
});

test('a name that is neither a set nor a file is refused with the names of the sets', () => {
  expect(() => readQuotas('eu-mars-1')).toThrow(/mend: give us-east-1, fresh-account or a JSON file/);
});
