import { EnvelopeSchema } from '@statebag/contracts/schemas/state-bag';
import { LEAF, type Shape, shapeOfSchema, write } from './shape.ts';

/** What the sync core answers a machine that tells it which version it is. */
export const ENVELOPE: Shape = write(shapeOfSchema(EnvelopeSchema), ['machine_arn'], LEAF);
