import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { type DefinitionId, isId, type SegmentId } from '@statebag/contracts/ids';
import { isFieldPointer } from '@statebag/contracts/pointers';
import { INLINE_DEFINITION } from '@statebag/state-core/legacy';
import { loadManifest, loadSegment } from '@statebag/state-core/store/load-definition';
import type { StepTools } from '@statebag/step-kit';
import { isSegmentDefinition, type SegmentDefinition } from '@statebag/workflow';
import type { LegacyCall } from './legacy-call.ts';

/** A segment, and what says which one a number means. */
export interface ResolvedSegment {
  readonly segment: SegmentDefinition;
  /** Segment ids by their numbers; null where the segment came alone. */
  readonly order: readonly SegmentId[] | null;
  /** What a config that came alone says about its successor. */
  readonly follows: Json;
  /** Whether whoever knows the definition and the place finds the segment, too. */
  readonly isPublished: boolean;
}

/**
 * The definition of the segment to run: inline, else where the event says that it lies, else of a published
 * definition, else out of the
 * workflow and partition map that travel with the run.
 * @throws `Definition.SegmentUnknown`, `Workflow.Invalid`
 */
export async function resolveSegment(
  call: LegacyCall,
  place: LegacyCall['place'],
  tools: StepTools,
): Promise<ResolvedSegment> {
  const { segment_config, segment_config_s3_path: path, definition_id, workflow_config } = call.members;
  if (isJsonObject(segment_config)) return fromConfig(await pointedValue(segment_config, tools), call);
  if (typeof path === 'string' && path !== '')
    return fromConfig(await tools.session.hydrator.object({ s3_path: path }), call);
  // isId is its grammar
  if (isId(definition_id) && definition_id !== INLINE_DEFINITION)
    return published(call, { definition_id: definition_id as DefinitionId, place }, tools);
  if (isJsonObject(workflow_config)) return travelling(call, place, tools);
  throw new StatebagError(
    'Definition.SegmentUnknown',
    'the event has no segment_config, segment_config_s3_path, definition_id or workflow_config',
  );
}

function pointedValue(value: Json | undefined, { session }: StepTools): Promise<Json> | Json {
  return isFieldPointer(value) ? session.hydrator.pointed(value) : (value ?? null);
}

async function fromConfig(config: Json, { members, place }: LegacyCall): Promise<ResolvedSegment> {
  if (!isJsonObject(config))
    throw new StatebagError('Definition.SegmentUnknown', 'segment_config is not an object');
  // most runs have published definitions
  const { compileSegmentConfig } = await import('./compile-config.ts');
  return {
    segment: compileSegmentConfig(config),
    order: null,
    follows: config['next_segment_to_run'] ?? following(members, place),
    isPublished: false,
  };
}

/** The next number while there is one: all that a config without a successor of its own can mean. */
function following({ total_segments }: JsonObject, place: LegacyCall['place']): Json {
  return typeof place === 'number' && typeof total_segments === 'number' && place + 1 < total_segments
    ? place + 1
    : null;
}

interface Published {
  readonly definition_id: DefinitionId;
  readonly place: LegacyCall['place'];
}

async function published(
  { owner_id }: LegacyCall,
  { definition_id, place }: Published,
  { session, plan }: StepTools,
): Promise<ResolvedSegment> {
  const definition = { bucket: plan.location.bucket, owner_id, definition_id };
  const order =
    typeof place === 'number'
      ? (await loadManifest(definition, session)).segments.map(({ segment_id }) => segment_id)
      : null;
  const id = typeof place === 'number' ? order?.[place] : place;
  if (!isId(id))
    throw new StatebagError(
      'Definition.SegmentUnknown',
      `definition ${definition_id} has no segment ${place}`,
    );
  const segment = await loadSegment(definition, id as SegmentId, session); // isId is its grammar
  if (isSegmentDefinition(segment)) return { segment, order, follows: null, isPublished: id === place };
  throw new StatebagError(
    'Definition.SegmentUnknown',
    `segment ${id} of definition ${definition_id} was written by a compiler this runner does not know`,
  );
}

async function travelling(
  { members }: LegacyCall,
  place: LegacyCall['place'],
  tools: StepTools,
): Promise<ResolvedSegment> {
  const [config, map] = await Promise.all([
    pointedValue(members['workflow_config'], tools),
    pointedValue(members['partition_map'], tools),
  ]);
  const { compileConfig } = await import('./compile-config.ts'); // as above
  const segments = compileConfig(isJsonObject(config) ? config : {}, map);
  const segment =
    typeof place === 'string'
      ? segments.find(({ segment_id }) => segment_id === place)
      : segments[place ?? 0];
  if (segment)
    return {
      segment,
      order: segments.map(({ segment_id }) => segment_id),
      follows: null,
      isPublished: false,
    };
  throw new StatebagError(
    'Definition.SegmentUnknown',
    `the partition map has no segment ${place}; it has ${segments.length}`,
  );
}
