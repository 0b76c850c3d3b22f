import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { compileWorkflow, createProviders, evaluateInMemory, readWorkflow } from '../src/index.ts';
import { NODE_TYPES, NODES } from '../src/nodes/node-table.ts';
import { TEST_RUN } from './run-in-segments.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'workflow-format.md'), 'utf8');

interface Example {
  readonly title: string;
  readonly document: string;
  readonly input: JsonObject;
  readonly output: Json;
}

/** Beside the page, a type may show itself where it is declared. */
const DECLARED: readonly Example[] = NODES.flatMap(({ type, example }) =>
  example ? [{ title: type, document: example.workflow, input: example.input, output: example.output }] : [],
);

/** Every section that shows a workflow: its text, the input if there is one, and the output. */
const EXAMPLES: readonly Example[] = PAGE.split(/^### /m)
  .slice(1)
  .map((section) => ({
    title: section.split('\n')[0] ?? '',
    document: blockIn(section, 'yaml workflow') ?? '',
    input: JSON.parse(blockIn(section, 'json input') ?? '{}'),
    output: JSON.parse(blockIn(section, 'json output') ?? 'null'),
  }));

function blockIn(section: string, kind: string): string | undefined {
  return new RegExp(`^\`\`\`${kind}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(section)?.[1];
}

/** Services that say what they were asked. */
const outside = {
  http: async ({ url }: { readonly url: string }) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    text: JSON.stringify({ url }),
  }),
  invoke: async ({ function_arn, event }: { readonly function_arn: string; readonly event: Json }) => ({
    called: function_arn,
    with: event,
  }),
};

describe('the example of', () => {
  for (const { title, document, input, output } of [...EXAMPLES, ...DECLARED]) {
    test(`${title} comes to what the page says`, async () => {
      const { workflow, diagnostics } = readWorkflow(document, { file: 'example.yaml' });
      expect(diagnostics.filter(({ severity }) => severity !== 'note')).toEqual([]);
      if (!workflow) throw new Error('unreadable');
      const { output_fields } = compileWorkflow(workflow).manifest;
      const state = await evaluateInMemory(workflow, input, {
        ...TEST_RUN,
        ...outside,
        providers: createProviders(),
      });
      expect(
        output_fields === null
          ? state
          : Object.fromEntries(output_fields.map((field) => [field, state[field]])),
      ).toEqual(output);
    });
  }
});

test('the page, or the declaration, shows every node type', () => {
  const shown = [...EXAMPLES, ...DECLARED].map(({ title }) => title).join(' ');
  expect(NODE_TYPES.filter((type) => !shown.includes(type))).toEqual([]);
  expect(EXAMPLES.every(({ output }) => isJsonObject(output))).toBe(true);
});
