import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import { machineSchemaText } from './machine-schema.ts';

const RECORDED = join(import.meta.dirname, '../../packages/local-cloud/test/recorded/aws-recorded.jsonl');

let validate: ValidateFunction;
beforeAll(() => {
  validate = new Ajv({ strict: false }).compile(JSON.parse(machineSchemaText()));
});

const machine = (state: object): object => ({ StartAt: 'A', States: { A: state } });

describe('the schema of state machines for editors', () => {
  test('takes every machine that AWS has run', () => {
    const lines = readFileSync(RECORDED, 'utf8').split('\n').filter(Boolean);
    const refused = lines.flatMap((line) => {
      const { id, definition } = JSON.parse(line);
      return validate(definition) ? [] : [`${id}: ${JSON.stringify(validate.errors?.[0])}`];
    });
    expect(refused).toEqual([]);
  });

  test.each<[string, object]>([
    ['a field that its type of state has not', machine({ Type: 'Succeed', Next: 'B' })],
    ['a number out of its range', machine({ Type: 'Wait', Seconds: -1, End: true })],
    ['a text in place of a number that is no expression', machine({ Type: 'Wait', Seconds: '1', End: true })],
    ['a task that calls nothing', machine({ Type: 'Task', End: true })],
    ['an unknown type', machine({ Type: 'Jump' })],
    [
      'a misspelt field of a branch',
      machine({ Type: 'Parallel', Branches: [{ StartAt: 'B', Stats: {} }], End: true }),
    ],
    [
      'a wrong field deep inside',
      machine({
        Type: 'Map',
        ItemProcessor: { StartAt: 'B', States: { B: { Type: 'Pass', InputPath: 3, End: true } } },
        End: true,
      }),
    ],
  ])('refuses %s', (_, definition) => {
    expect(validate(definition)).toBe(false);
  });
});
