import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { workflowSchema } from '@statebag/workflow';
import Ajv from 'ajv';
import { parse } from 'yaml';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');
const validate = new Ajv.default({ strict: true, strictTypes: false, strictRequired: false }).compile(
  workflowSchema(),
);

describe('the workflow schema', () => {
  for (const name of readdirSync(EXAMPLES)) {
    const file = ['workflow.json', 'workflow.yaml']
      .map((each) => join(EXAMPLES, name, each))
      .find(existsSync);
    if (file === undefined) continue;
    test(`takes the example ${name}`, () => {
      validate(parse(readFileSync(file, 'utf8')));
      expect(validate.errors ?? []).toEqual([]);
    });
  }

  test('refuses a key that no node type knows', () => {
    const node = { id: 'a', type: 'operator', config: { set: {}, speed: 1 } };
    expect(validate({ name: 'x', nodes: [node] })).toBe(false);
  });
});
