import { type ExecuteSegmentEvent, type MapRequest, StatebagError } from '@statebag/contracts';
import type { StepTools } from '@statebag/step-kit';
import { isSegmentDefinition, type SegmentDefinition } from '@statebag/workflow';
import { definitionOf } from '../execute-segment/step.ts';

type MapEvent = Pick<ExecuteSegmentEvent, 'owner_id' | 'definition_id' | 'segment_id'> & { readonly request: MapRequest };

/** The segment that a map stands in: of the run's definition, or what a first-generation run brought along. @throws `Definition.SegmentUnknown` */
export async function segmentOfMap(event: MapEvent, tools: StepTools): Promise<SegmentDefinition> {
  const { segment: pointer } = event.request;
  if (!pointer) return definitionOf(event, tools);
  const segment = await tools.session.hydrator.pointed(pointer);
  if (isSegmentDefinition(segment)) return segment;
  throw new StatebagError('Definition.SegmentUnknown', `${pointer.s3_path} is no segment that this runner knows`);
}
