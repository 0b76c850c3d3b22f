import { ChunkReplySchema, MapPlanSchema } from '@statebag/contracts/schemas/map';
import type { FlowOptions } from './data-flow.ts';
import type { State } from './definition.ts';
import { ENVELOPE } from './envelope.ts';
import { OPEN, objectShape, type Shape, shapeOfSchema } from './shape.ts';

/** What the functions that prepare and work answer, to the machines of both generations. */
export const MAP_PAYLOADS: Readonly<Record<string, Shape>> = {
  [`$${'{PrepareDistributedExecutionArn}'}`]: shapeOfSchema(MapPlanSchema),
  [`$${'{ProcessSegmentChunkArn}'}`]: shapeOfSchema(ChunkReplySchema),
};

const PAYLOADS: Readonly<Record<string, Shape>> = {
  ...MAP_PAYLOADS,
  [`$${'{StateDataManagerArn}'}`]: ENVELOPE,
  [`$${'{AggregateDistributedResultsArn}'}`]: ENVELOPE,
};

/**
 * What the data flow of the machine for maps rests on: it begins with the envelope of the run that waits for
 * it.
 */
export const DISTRIBUTED_FLOW: FlowOptions = {
  start: ENVELOPE,
  resultOf: ({ Parameters }: State): Shape => {
    const name =
      typeof Parameters === 'object' && Parameters !== null && 'FunctionName' in Parameters
        ? String(Parameters.FunctionName)
        : '';
    const payload = PAYLOADS[name];
    return payload ? objectShape([['Payload', payload]]) : OPEN;
  },
  promised: {},
  proven: {},
};
