import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { compileWorkflow, createProviders, evaluateInMemory, readWorkflow, type Workflow } from '../src/index.ts';
import { runInSegments, TEST_RUN } from './run-in-segments.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'examples');
const folders = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => join(EXAMPLES, name));

function read(folder: string) {
  const file = ['workflow.json', 'workflow.yaml'].map((name) => join(folder, name)).find(existsSync) ?? '';
  return readWorkflow(readFileSync(file, 'utf8'), { file, readFile: (path) => readFileSync(join(folder, path), 'utf8') });
}

function loaded(folder: string): { readonly workflow: Workflow; readonly input: JsonObject } {
  const { workflow, diagnostics } = read(folder);
  if (workflow) return { workflow, input: JSON.parse(readFileSync(join(folder, 'input.json'), 'utf8')) };
  throw new Error(JSON.stringify(diagnostics));
}

const inMemory = ({ workflow, input }: ReturnType<typeof loaded>) => evaluateInMemory(workflow, input, { ...TEST_RUN, providers: createProviders() });

describe('the example', () => {
  for (const folder of folders) {
    const name = folder.split('/').at(-1);

    test(`${name} has no fault and comes to an output`, async () => {
      const example = loaded(folder);
      const state = await inMemory(example);
      const fields = compileWorkflow(example.workflow).manifest.output_fields ?? [];
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields) expect(Object.keys(state)).toContain(field);
    });

    test(`${name} comes to the same in segments as in memory`, async () => {
      const example = loaded(folder);
      const { drafts, state } = await runInSegments(compileWorkflow(example.workflow), { input: example.input, providers: createProviders() });
      expect(drafts.at(-1)?.error_info).toBeNull();
      expect(state).toEqual(await inMemory(example));
    });
  }
});

test('ticket triage has several segments, and only one of them loads the handbook', () => {
  const { segments } = compileWorkflow(loaded(join(EXAMPLES, 'ticket-triage')).workflow);
  expect(segments.size).toBeGreaterThan(2);
  expect([...segments.values()].filter(({ reads }) => reads === null || reads.includes('handbook'))).toHaveLength(1);
});
