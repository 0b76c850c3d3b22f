import { EnvelopeSchema, SegmentResultSchema, StartEventSchema } from '@statebag/contracts/schemas';
import { unproducedPaths } from './data-flow.ts';
import type { State, StateMachine } from './definition.ts';
import { danglingOrUnreached, nestedBags, unboundedWaits, unroutedActions, wrongRetries } from './rules.ts';
import { OPEN, objectShape, type Shape, shapeOfSchema } from './shape.ts';

const ENVELOPE = shapeOfSchema(EnvelopeSchema);

/** What each function answers, by the substitution that names it. */
const PAYLOADS: Readonly<Record<string, Shape>> = {
  [`$${'{InitializeStateDataArn}'}`]: ENVELOPE,
  [`$${'{StateDataManagerArn}'}`]: ENVELOPE,
  [`$${'{ExecuteSegmentArn}'}`]: shapeOfSchema(SegmentResultSchema),
};

/** Paths the contract guarantees in one state only, with the reason. */
const PROMISED = {
  TakeFailure: { '$.state_data.failed_segments[0]': 'sync puts the failure first when it answers FAILED' },
};

function resultOf({ Parameters }: State): Shape {
  const name = typeof Parameters === 'object' && Parameters !== null && 'FunctionName' in Parameters ? String(Parameters.FunctionName) : '';
  const payload = PAYLOADS[name];
  return payload ? objectShape([['Payload', payload]]) : OPEN;
}

/** Every problem of a definition, named by state. */
export function lintStateMachine(machine: StateMachine): string[] {
  return [
    ...danglingOrUnreached(machine),
    ...unroutedActions(machine),
    ...wrongRetries(machine),
    ...unboundedWaits(machine),
    ...nestedBags(machine),
    ...unproducedPaths(machine, { start: shapeOfSchema(StartEventSchema), resultOf, promised: PROMISED }),
  ];
}
