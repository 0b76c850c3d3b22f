import type { Json, JsonObject } from '@statebag/contracts';
import { CONTROL_FIELDS } from '@statebag/contracts/control-fields';
import { type Asked, law } from '@statebag/law';
import type { Thresholds } from '@statebag/state-core';
import { canonicalJson } from '@statebag/state-core';
import fc from 'fast-check';
import type { Outside } from '../../src/index.ts';
import { hostileData, hostileFields, type Targets } from './hostile-data.ts';
import { BUCKET, definitionOf, OWNER, RUN, type RunInMemory, runInMemory } from './run-in-memory.ts';

/** What comes in by each door of one run. */
export interface Hostile {
  readonly initial: JsonObject;
  readonly input: JsonObject;
  readonly isUploaded: boolean;
  readonly set: JsonObject;
  readonly given: Json;
  readonly thresholds: Partial<Thresholds>;
}

const SHA = 'a'.repeat(64);
const TARGETS: Targets = {
  own: `s3://${BUCKET}/runs/${OWNER}/${RUN}/blobs/${SHA}.json`,
  foreign: `s3://${BUCKET}/runs/${OWNER}/run-2/blobs/${SHA}.json`,
  definition: `s3://${BUCKET}/definitions/${OWNER}/${definitionOf(workflow({}, {}))}/workflow.json`,
};

/** As deployed, and so small that fields leave the bag one by one, in packs, and all behind an index. */
const thresholds = fc.constantFrom<Partial<Thresholds>>(
  {},
  {
    inlineState: 1_500,
    inlineDelta: 600,
    overlay: 900,
    packField: 300,
    field: 700,
    compressFrom: 500,
    indexFrom: 700,
  },
  { inlineState: 400, inlineDelta: 300, overlay: 400, packField: 100, field: 200, packValue: 0 },
);

const hostile: fc.Arbitrary<Hostile> = fc.record({
  initial: hostileFields(TARGETS).filter(isPlainText).map(withoutControl),
  input: hostileFields(TARGETS),
  isUploaded: fc.boolean(),
  set: hostileFields(TARGETS).filter(isPlainText).map(withoutControl),
  given: hostileData(TARGETS),
  thresholds,
});

/** A document may not name these as fields; an input may. */
function withoutControl(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !CONTROL.has(name)));
}

const CONTROL: ReadonlySet<string> = new Set(CONTROL_FIELDS);

/** Text of a document, where braces would begin an expression. */
function isPlainText(value: JsonObject): boolean {
  return !/\{[{%]|[%}]\}|\$file|"file"/.test(JSON.stringify(value).replaceAll(/[}\]]{2,}/g, ''));
}

/**
 * Whatever comes in as start input, upload, initial state, literal of a node, answer of a service, a function, a
 * model, a person or a worker, item or result of a list, or change of a branch: it comes out as it went in, the run
 * goes the way it goes with nothing in it, and nothing is read that is not of the run.
 */
export async function dataIsData(asked: Asked): Promise<void> {
  const usual = (await runInMemory(runWith({ ...NOTHING, thresholds: {} }))).way;
  await law(
    fc.asyncProperty(hostile, (data) => holds(data, usual)),
    asked,
  );
}

export const NOTHING: Hostile = {
  initial: {},
  input: {},
  isUploaded: false,
  set: {},
  given: null,
  thresholds: {},
};

async function holds(data: Hostile, usual: readonly string[]): Promise<void> {
  const { state, way, read, bag } = await runInMemory(runWith(data));
  if (canonicalJson(way as Json) !== canonicalJson(usual as Json))
    throw new Error(`the run went ${way.join(', ')}: ${JSON.stringify(bag.failed_segments ?? [])}`);
  const foreign = read.filter((uri) => !isOwn(uri));
  if (foreign.length > 0) throw new Error(`the run has read ${foreign.join(', ')}`);
  const expected = stateAfter(data);
  for (const field of new Set([...Object.keys(state), ...Object.keys(expected)])) {
    const [found, wanted] = [textOf(state[field]), textOf(expected[field])];
    if (found !== wanted) throw new Error(`the field ${field} is ${found}\nexpected ${wanted}`);
  }
}

function textOf(value: Json | undefined): string {
  return value === undefined ? 'absent' : canonicalJson(value);
}

const ALLOWED = [
  new RegExp(`^s3://${BUCKET}/runs/${OWNER}/${RUN}/`),
  new RegExp(`^s3://${BUCKET}/definitions/${OWNER}/[0-9a-f]{64}/(manifest\\.json|segments/)`),
  new RegExp(`^s3://${BUCKET}/uploads/${OWNER}/input\\.json$`),
];

function isOwn(uri: string): boolean {
  return ALLOWED.some((allowed) => allowed.test(uri)) && uri !== TARGETS.own;
}

/** A run through every door, with this coming in by each. */
export function runWith({
  initial,
  input,
  isUploaded,
  set,
  given,
  thresholds: limits,
}: Hostile): RunInMemory {
  const brought = { ...input, holder: { v: given }, list: [{ v: given }, { v: null }] };
  return {
    document: workflow(initial, set),
    start: isUploaded ? { upload: brought } : { input: brought },
    outside: answering(given),
    answer: given,
    thresholds: limits,
  };
}

/** Every door of a run, one after the other. */
function workflow(initial_state: JsonObject, set: JsonObject): JsonObject {
  const echo = (id: string, payload: string) => ({
    id,
    type: 'lambda',
    output_key: id,
    config: { function_arn: 'arn:aws:lambda:us-east-1:000000000000:function:echo', payload },
  });
  const ask = (id: string, config: JsonObject) => ({
    id,
    type: 'llm_chat',
    output_key: id,
    config: { prompt: 'SYSTEM-PROMPT-SECRET-42', response_schema: {}, ...config },
  });
  const nodes = [
    { id: 'in', type: 'input', config: { fields: ['holder', 'list'] } },
    { id: 'service', type: 'api_call', output_key: 'service', config: { url: 'https://example.com/' } },
    echo('fn', '{% holder %}'),
    ask('model', {}),
    { id: 'both', type: 'parallel_group', config: { branches: [{ nodes: [echo('left', '{% holder %}')] }, { nodes: [setting('right_set', { right: set })] }] } }, // biome-ignore format: one node
    { id: 'person', type: 'human_approval', output_key: 'person', config: { message: 'Well?' } },
    ask('worker', { async: true }),
    { id: 'each', type: 'for_each', output_key: 'each', config: { items: '{% list %}', body: { nodes: [echo('one', '{% $item %}')] } } }, // biome-ignore format: one node
    { id: 'many', type: 'for_each', output_key: 'many', config: { distributed: 'batched', items: '{% list %}', body: { nodes: [echo('each_one', '{% $item %}')] } } }, // biome-ignore format: one node
    setting('last', set),
  ];
  return { name: 'doors', initial_state, nodes };
}

function setting(id: string, set: JsonObject): JsonObject {
  return { id, type: 'operator', config: { set } };
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Services, functions and models that answer with what was given. */
function answering(given: Json): Outside {
  return {
    http: async () => ({ status: 200, headers: JSON_TYPE, text: JSON.stringify({ v: given }) }),
    invoke: async ({ event }) => (event as { v: Json }).v, // the workflow's own payloads
    providers: async () => ({
      complete: async () => ({ text: JSON.stringify(given), input_tokens: 1, output_tokens: 1 }),
    }),
  };
}

/** What the nodes say, put as simply as possible. */
function stateAfter({ initial, input, set, given }: Hostile): JsonObject {
  return {
    ...initial,
    ...input,
    holder: { v: given },
    list: [{ v: given }, { v: null }],
    service: { status: 200, headers: JSON_TYPE, body: { v: given } },
    fn: given,
    model: given,
    left: given,
    right: set,
    person: given,
    worker: given,
    each: [given, null],
    many: [given, null],
    ...set,
  };
}
