import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Action, type Envelope, type Json, type JsonObject, type S3Uri, type StateBag, THRESHOLDS } from '@statebag/contracts';
import { canonicalJson, MemoryObjectStore, openStore } from '@statebag/state-core';
import { type StepDeps, type StepLine, stepHandler } from '@statebag/step-kit';
import { actionHandler, initializeStateData } from '../src/index.ts';

const EVENTS = join(import.meta.dirname, '..', 'events');
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };
export const BUCKET = 'statebag-state-dev-account-region';

/** The service over a store in memory that holds what the sample events refer to. */
export async function aService() {
  const store = new MemoryObjectStore();
  for (const [key, value] of Object.entries(readEvent('stored-objects'))) {
    await store.put(`s3://${BUCKET}/${key}` as S3Uri, { body: Buffer.from(canonicalJson(value)), encoding: 'json' }); // keys of the file are of the grammar
  }
  const lines: StepLine[] = [];
  const deps: StepDeps = {
    config: { bucket: BUCKET, functionName: 'test', thresholds: THRESHOLDS },
    process: openStore(store, { retry: { delayAfter: () => undefined, sleep: async () => undefined } }),
    log: { event: () => undefined, line: (line) => void lines.push(line) },
    clock: () => 0,
  };
  const [manager, init] = [actionHandler(deps), stepHandler(initializeStateData, deps)];
  const invoke = async (event: unknown): Promise<JsonObject> => {
    const text = JSON.stringify(event);
    const isInit = (event as JsonObject)['action'] === 'init'; // events are objects
    const reply = isInit ? await init(JSON.parse(text), CONTEXT as never) : await manager(JSON.parse(text), CONTEXT);
    return JSON.parse(JSON.stringify(reply)) as JsonObject; // as it crosses the wire
  };
  return { store, lines, invoke, sync: async (event: unknown) => (await invoke(event)) as unknown as Envelope };
}

/** A sample event, with members of its bag changed. */
export function sample(action: Action, bag: Partial<StateBag> = {}, members: JsonObject = {}): { state_data: StateBag } & Record<string, Json> {
  const event = readEvent(action);
  return { ...event, state_data: { ...(event['state_data'] as JsonObject), ...bag }, ...members } as never; // the samples are tested to fit
}

export function readEvent(name: string): JsonObject {
  return JSON.parse(readFileSync(join(EVENTS, `${name}.json`), 'utf8')) as JsonObject; // the samples are objects
}
