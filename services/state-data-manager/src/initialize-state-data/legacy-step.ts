import {
  type DefinitionId,
  isId,
  isJsonObject,
  type JsonObject,
  type LegacyInitEvent,
  type Manifest,
  type StartEvent,
  type Timestamp,
} from '@statebag/contracts';
import { validateLegacyInitEvent } from '@statebag/contracts/validators';
import { byteSizeOf, loadManifest, storeAll } from '@statebag/state-core';
import { INLINE_DEFINITION, type LegacyPlan, legacyIds, planFirstLegacyBag } from '@statebag/state-core/legacy';
import type { Step, StepTools } from '@statebag/step-kit';
import { loadInput } from './load-input.ts';

interface Read {
  readonly manifest: Manifest | null;
  readonly input: JsonObject;
}

/** The first bag of a first-generation run: bare, its workflow published or travelling with it. */
export const initializeLegacyState: Step<LegacyInitEvent, Read, LegacyPlan, JsonObject> = {
  event: validateLegacyInitEvent,
  reader: (event) => ({ ...idsOf(event), uploads: true }),
  facts: (event) => ({ execution_id: idsOf(event).execution_id, action: null, segment_id: null, branch_path: '', loop_counter: 0 }),
  now: ({ now }) => now ?? (new Date().toISOString() as Timestamp), // first-generation machines pass no time; it only ever stands in clock fields
  async reads(event, tools) {
    const [manifest, input] = await Promise.all([manifestOf(event, tools), inputOf(event, tools)]);
    return { manifest, input };
  },
  run: (event, read, { plan }) => planFirstLegacyBag({ start: startOf(event), executionName: event.execution_name ?? null, ...read }, plan),
  async finish(_event, { bag, writes }, { session }) {
    await storeAll(writes, session.store);
    return { reply: bag, sizes: { bag_bytes: byteSizeOf(bag), control_plane_bytes: 0 } };
  },
};

/** True for an event of the first generation, which names no action. */
export function isLegacyStart(event: unknown): boolean {
  return !isJsonObject(event) || event['action'] === undefined;
}

function startOf(event: LegacyInitEvent): JsonObject {
  return event.start ?? (event as JsonObject); // it came as JSON
}

function idsOf(event: LegacyInitEvent) {
  return legacyIds(startOf(event), event.execution_name ?? null);
}

async function manifestOf(event: LegacyInitEvent, { session, plan }: StepTools): Promise<Manifest | null> {
  const { definition_id } = startOf(event);
  if (!isId(definition_id) || definition_id === INLINE_DEFINITION) return null;
  const definition = { bucket: plan.location.bucket, owner_id: idsOf(event).owner_id, definition_id: definition_id as DefinitionId }; // isId is its grammar
  return loadManifest(definition, session);
}

function inputOf(event: LegacyInitEvent, { session, plan }: StepTools): Promise<JsonObject> {
  const { input, input_s3_path, initial_state } = startOf(event);
  const inline = [input, initial_state].find(isJsonObject) ?? {};
  const start = typeof input_s3_path === 'string' ? { input_s3_path } : { input: inline };
  return loadInput({ ...start, owner_id: idsOf(event).owner_id } as StartEvent, { session, location: plan.location }); // all that it looks at
}
