import { describe, expect, test } from '@jest/globals';
import { isJsonObject, type Json } from '@statebag/contracts';
import { law } from '@statebag/law';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import fc from 'fast-check';
import {
  type CompiledWorkflow,
  compileWorkflow,
  nodeTypeReference,
  publishDefinition,
  readWorkflow,
  workflowSchema,
} from '../src/index.ts';
import { NODE_TYPES } from '../src/nodes/node-table.ts';
import { arbitraryWorkflow } from './arbitrary-workflow.ts';
import { GOLDEN } from './golden-workflows.ts';

const ENOUGH = { cases: 300 };

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>; // what it makes is JSON
const word = fc.constantFrom(
  'id',
  'type',
  'config',
  'nodes',
  'edges',
  'body',
  'branches',
  'cases',
  'from',
  'to',
  'output_key',
  'reads',
  'prompt',
  'until',
  'items',
  'transform',
  'set',
);
const key = fc.oneof(word, fc.string({ maxLength: 4 }));
/** JSON that is nearly a document: the right words in the wrong places. */
const nearly = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(
      fc.constantFrom<Json>(...NODE_TYPES, 'a', 'b', '{% a %}', '{{ a }}', '{% ( %}', null, 1, true, -1),
      json,
    ),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 6 }),
  ),
})).any;

function check(document: Json): void {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'any.json' });
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  expect(workflow === null).toBe(hasErrors);
  for (const { message, mend, path } of diagnostics)
    expect([message, mend, path].every((text) => text.length > 0)).toBe(true);
  if (workflow) compileWorkflow(workflow);
}

/** The value with the part behind the n-th door replaced. */
function damaged(value: Json, target: number, by: Json): Json {
  let doors = 0;
  const visit = (part: Json): Json => {
    if (doors++ === target) return by;
    if (Array.isArray(part)) return part.map(visit);
    return isJsonObject(part)
      ? Object.fromEntries(Object.entries(part).map(([name, member]) => [name, visit(member)]))
      : part;
  };
  return visit(value);
}

describe('whatever stands in a document', () => {
  test('is read without a crash, and refused with a reason or compiled', () =>
    law(fc.property(fc.oneof(json, nearly), check), ENOUGH));

  test('is refused with a reason or compiled when one part of a good document is replaced', () => {
    const good = fc.oneof(
      fc.constantFrom(...Object.values(GOLDEN)),
      arbitraryWorkflow({ groups: true, waits: true, most: 3 }).map(({ document }) => document),
    );
    law(
      fc.property(good, fc.nat(80), fc.oneof(json, nearly), (document, target, by) =>
        check(damaged(document, target, by)),
      ),
      ENOUGH,
    );
  });
});

describe('a definition', () => {
  const compiled = (): CompiledWorkflow => {
    const { workflow } = readWorkflow(JSON.stringify(GOLDEN['nested-parallel']), { file: 'golden.json' });
    if (workflow) return compileWorkflow(workflow);
    throw new Error('the golden document is not good');
  };

  test('is published whole, the manifest last, and again without a change', async () => {
    const store = new MemoryObjectStore();
    const owner = { bucket: 'test-bucket', owner_id: 'owner' as never }; // a good id by sight
    await publishDefinition(compiled(), owner, store);
    const uris = store.uris();
    expect(uris).toHaveLength(compiled().segments.size + 2);
    expect(uris.at(-1)).toContain('/manifest.json');
    await publishDefinition(compiled(), owner, store);
    expect(store.uris()).toEqual(uris);
  });

  test('survives being written down: every segment is JSON', () => {
    for (const segment of compiled().segments.values())
      expect(JSON.parse(JSON.stringify(segment))).toEqual(segment);
  });
});

test('every node type has a page entry and a schema', () => {
  expect(nodeTypeReference().map(({ type }) => type)).toEqual([...NODE_TYPES]);
  expect(JSON.stringify(workflowSchema())).toContain('"#/definitions/scope"');
});
