import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '@statebag/contracts';
import type { Action } from '@statebag/contracts/actions';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import { canonicalJson } from '@statebag/state-core';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { openStore } from '@statebag/state-core/store/store-session';
import { type StepDeps, type StepLine, stepHandler } from '@statebag/step-kit';
import { actionHandler, initializeStateData } from '../src/index.ts';

const EVENTS = join(import.meta.dirname, '..', '..', '..', 'services', 'state-data-manager', 'events');
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };
export const BUCKET = 'statebag-state-dev-account-region';

/** The service over a store in memory that holds what the sample events refer to. */
export async function aService() {
  const store = new MemoryObjectStore();
  for (const [key, value] of Object.entries(readEvent('stored-objects'))) {
    await store.put(`s3://${BUCKET}/${key}` as S3Uri, {
      body: Buffer.from(canonicalJson(value)),
      encoding: 'json',
    }); // keys of the file are of the grammar
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
    const reply = isInit
      ? await init(JSON.parse(text), CONTEXT as never)
      : await manager(JSON.parse(text), CONTEXT);
    return JSON.parse(JSON.stringify(reply)) as JsonObject; // as it crosses the wire
  };
  return {
    store,
    lines,
    invoke,
    sync: async (event: unknown) => (await invoke(event)) as unknown as Envelope,
  };
}

/** A sample event, with members of its bag changed. */
export function sample(
  action: Action,
  bag: Partial<StateBag> = {},
  members: JsonObject = {},
): { state_data: StateBag } & Record<string, Json> {
  const event = readEvent(action);
  // the samples are tested to fit
  return { ...event, state_data: { ...(event['state_data'] as JsonObject), ...bag }, ...members } as never;
}

export function readEvent(name: string): JsonObject {
  // the samples are objects
  return JSON.parse(readFileSync(join(EVENTS, `${name}.json`), 'utf8')) as JsonObject;
}
