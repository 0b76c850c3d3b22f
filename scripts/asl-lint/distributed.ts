import { ChunkReplySchema, MapPlanSchema } from '@statebag/contracts/schemas';
import type { FlowOptions } from './data-flow.ts';
import type { State } from './definition.ts';
import { ENVELOPE } from './envelope.ts';
import { OPEN, objectShape, type Shape, shapeOfSchema } from './shape.ts';

const PAYLOADS: Readonly<Record<string, Shape>> = {
  [`$${'{StateDataManagerArn}'}`]: ENVELOPE,
  [`$${'{AggregateDistributedResultsArn}'}`]: ENVELOPE,
  [`$${'{PrepareDistributedExecutionArn}'}`]: shapeOfSchema(MapPlanSchema),
  [`$${'{ProcessSegmentChunkArn}'}`]: shapeOfSchema(ChunkReplySchema),
};

/** What the data flow of the machine for maps rests on: it begins with the envelope of the run that waits for it. */
export const DISTRIBUTED_FLOW: FlowOptions = {
  start: ENVELOPE,
  resultOf: ({ Parameters }: State): Shape => {
    const name = typeof Parameters === 'object' && Parameters !== null && 'FunctionName' in Parameters ? String(Parameters.FunctionName) : '';
    const payload = PAYLOADS[name];
    return payload ? objectShape([['Payload', payload]]) : OPEN;
  },
  promised: {},
  proven: {},
};
