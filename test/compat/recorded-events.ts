import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '@statebag/contracts';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { openStore } from '@statebag/state-core/store/store-session';
import { readConfig, type StepDeps, stepHandler } from '@statebag/step-kit';
import {
  actionHandler,
  aggregateResults,
  bothGenerations,
  initHandler,
  mergeCallback,
} from '@statebag/steps';
import { createProviders } from '@statebag/workflow';
import type { CompatCheck, Section } from './compat-check.ts';
import { difference } from './difference.ts';

const BUCKET = 'statebag-compat';
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

/** An event as a first-generation caller sent it, and what it was answered. */
interface RecordedEvent {
  readonly section: Section;
  readonly name: string;
  readonly function: string;
  readonly event: JsonObject;
  /** The members the answer has, no more and no less. */
  readonly keys?: readonly string[];
  /** What the answer holds; objects may hold more. */
  readonly gives?: Json;
  /** The error instead of an answer. */
  readonly raises?: string;
}

interface Recorded {
  /** Objects that the events refer to, by their keys. */
  readonly stored: { readonly [key: string]: Json };
  readonly events: readonly RecordedEvent[];
}

const RECORDED: Recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'legacy-events.json'), 'utf8'),
);

/** The recorded events, each against the functions as they are now. */
export function recordedEvents(): CompatCheck[] {
  return RECORDED.events.map((recorded) => ({
    section: recorded.section,
    name: recorded.name,
    problem: () => problemOf(recorded),
  }));
}

async function problemOf({
  function: name,
  event,
  keys,
  gives,
  raises,
}: RecordedEvent): Promise<string | null> {
  const invoke = (await functions())[name];
  if (!invoke) return `there is no function ${name}`;
  const answer = await invoke(structuredClone(event) as never).catch((error: unknown) =>
    raised(error, raises),
  );
  if (raises !== undefined)
    return answer === EXPECTED ? null : `answered ${JSON.stringify(answer)}, not ${raises}`;
  const found: Json = JSON.parse(JSON.stringify(answer)); // as it crosses the wire
  const members = Object.keys(found ?? {}).sort();
  if (keys && members.join() !== [...keys].sort().join())
    return `has the members ${members.join(', ')}, not ${keys.join(', ')}`;
  return gives === undefined ? null : difference(gives, found);
}

const EXPECTED = Symbol('the expected error');

function raised(error: unknown, expected: string | undefined): typeof EXPECTED {
  if (error instanceof Error && error.name === expected) return EXPECTED;
  throw error;
}

type Invoke = (event: never) => Promise<unknown>;

/** The functions over a store in memory that holds what the events refer to. */
async function functions(): Promise<Readonly<Record<string, Invoke>>> {
  const deps = await dependencies();
  const outside = {
    providers: createProviders(),
    http: async () => Promise.reject(new Error('no recorded event calls out')),
  };
  const runner = bothGenerations(
    { ...outside, invoke: async () => Promise.reject(new Error('no recorded event calls a function')) },
    deps,
  );
  const noStreams = () => {
    throw new Error('no recorded event streams');
  };
  const [manager, init] = [actionHandler(deps), initHandler(deps)];
  const [callback, aggregate] = [
    stepHandler(mergeCallback, deps),
    stepHandler(aggregateResults(noStreams), deps),
  ];
  return {
    executeSegment: (event) => runner(event, CONTEXT),
    stateDataManager: (event) => manager(event, CONTEXT),
    initializeStateData: (event) => init(event, CONTEXT),
    // all of Lambda's context that a step looks at
    mergeCallback: (event) => callback(event, CONTEXT as never),
    aggregateResults: (event) => aggregate(event, CONTEXT as never),
  };
}

async function dependencies(): Promise<StepDeps> {
  const store = new MemoryObjectStore();
  for (const [key, value] of Object.entries(RECORDED.stored)) {
    await store.put(`s3://${BUCKET}/${key}` as S3Uri, {
      body: Buffer.from(JSON.stringify(value)),
      encoding: 'json',
    }); // keys of the file are of the grammar
  }
  return {
    config: readConfig({ STATE_BUCKET: BUCKET, LEGACY_READ_PREFIXES: 'states/{owner_id}/{execution_id}/' }),
    process: openStore(store, { retry: { delayAfter: () => undefined, sleep: async () => undefined } }),
    log: { event: () => undefined, line: () => undefined },
    clock: () => 0,
  };
}
