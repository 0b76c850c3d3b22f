import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { type DefinitionId, isId } from '@statebag/contracts/ids';
import type { LegacyInitEvent } from '@statebag/contracts/schemas/legacy-events';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import { validateLegacyInitEvent } from '@statebag/contracts/validators';
import { INLINE_DEFINITION, legacyIds, planFirstLegacyBag } from '@statebag/state-core/legacy';
import { loadManifest } from '@statebag/state-core/store/load-definition';
import { type Handler, plainStep, type StepDeps, type StepTools, stepHandler } from '@statebag/step-kit';
import { initializeStateData, uploadedInput } from '../initialize-state-data.ts';
import { enteredAt, storedBag } from './legacy-bag-step.ts';

/** The first bag of a first-generation run: bare, its workflow published or travelling with it. */
const initializeLegacyState = plainStep<LegacyInitEvent, JsonObject>({
  event: validateLegacyInitEvent,
  facts: (event) => ({
    execution_id: idsOf(event).execution_id,
    action: null,
    segment_id: null,
    branch_path: '',
    loop_counter: 0,
  }),
  async run(event, invocation) {
    const tools = invocation.open({ ...idsOf(event), uploads: true, now: enteredAt(event) });
    const [manifest, input] = await Promise.all([manifestOf(event, tools), inputOf(event, tools)]);
    const beginning = { start: startOf(event), executionName: event.execution_name ?? null, manifest, input };
    return storedBag(planFirstLegacyBag(beginning, tools.plan), tools);
  },
});

/** One function for both generations: a start without an action is the first one's. */
export function initHandler(deps: StepDeps): Handler {
  const current = stepHandler(initializeStateData, deps);
  const legacy = stepHandler(initializeLegacyState, deps);
  return async (event, context) => (isLegacyStart(event) ? legacy(event, context) : current(event, context));
}

function isLegacyStart(event: unknown): boolean {
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
  const { bucket, owner_id } = plan.location;
  // isId is its grammar
  return loadManifest({ bucket, owner_id, definition_id: definition_id as DefinitionId }, session);
}

function inputOf(event: LegacyInitEvent, tools: StepTools): Promise<JsonObject> | JsonObject {
  const { input, input_s3_path, initial_state } = startOf(event);
  if (typeof input_s3_path === 'string') return uploadedInput(input_s3_path, tools);
  return [input, initial_state].find(isJsonObject) ?? {};
}
