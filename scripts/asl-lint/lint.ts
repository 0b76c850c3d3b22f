import { StartEventSchema } from '@statebag/contracts/schemas/events';
import { type FlowOptions, unproducedPaths } from './data-flow.ts';
import type { State, StateMachine } from './definition.ts';
import { DISTRIBUTED_FLOW } from './distributed.ts';
import { ENVELOPE } from './envelope.ts';
import { LEGACY_FLOW, misplacedBags, unroutedStatuses } from './legacy.ts';
import { danglingOrUnreached, nestedBags, unboundedWaits, unroutedActions, wrongRetries } from './rules.ts';
import { LEAF, OPEN, objectShape, type Shape, shapeOfSchema, write } from './shape.ts';

/** What each function answers, by the substitution that names it. */
const PAYLOADS: Readonly<Record<string, Shape>> = {
  [`$${'{InitializeStateDataArn}'}`]: ENVELOPE,
  [`$${'{StateDataManagerArn}'}`]: ENVELOPE,
  [`$${'{ExecuteSegmentArn}'}`]: ENVELOPE,
};

/** Paths the contract guarantees in one state only, with the reason. */
const PROMISED = {
  TakeFailure: {
    '$.state_data.failed_segments[0]': 'the sync core puts the failure first when it answers FAILED',
  },
  ProcessParallelBranches: { '$.branches': 'sync names the branches when it answers PARALLEL_GROUP' },
  AggregateParallelResults: { '$.branches': 'as before the Map' },
  WaitForCallback: { '$.request': 'sync names the request when it answers PAUSED_FOR_HITP' },
  WaitForAsyncLLM: { '$.request': 'sync names the request when it answers ASYNC_LLM' },
  TakeAsyncFailure: { '$.request': 'as before the wait' },
  BranchDone: { '$.branch_pointer': 'the envelope of a branch has it' },
  BranchEnded: { '$.branch_pointer': 'the rule that leads here asks for it' },
};

/** The description of a failed execution, with its own error and cause. */
const CHILD_FAILURE = objectShape([
  [
    'error_info',
    objectShape([
      ['Error', LEAF],
      ['Cause', LEAF],
    ]),
  ],
]);

/** What a choice proves of the data. */
const PROVEN = {
  StartOrContinue: { EvaluateNextAction: ENVELOPE },
  EvaluateNextAction: { SyncStateData: write(ENVELOPE, ['execution_result'], OPEN) },
  AfterContinuation: { EvaluateNextAction: ENVELOPE },
  RunDistributedMap: { EvaluateNextAction: ENVELOPE },
  TakeChildFailure: { WorkflowFailed: CHILD_FAILURE },
};

const CHILD_OUTPUT = objectShape([
  [
    'Output',
    objectShape([
      ['state_data', OPEN],
      ['next_action', LEAF],
      ['machine_arn', LEAF],
      ['branch_pointer', OPEN],
    ]),
  ],
]);

function resultOf({ Resource, Parameters }: State): Shape {
  if (Resource?.startsWith('arn:aws:states:::states:startExecution')) return CHILD_OUTPUT;
  const name =
    typeof Parameters === 'object' && Parameters !== null && 'FunctionName' in Parameters
      ? String(Parameters.FunctionName)
      : '';
  const payload = PAYLOADS[name];
  return payload ? objectShape([['Payload', payload]]) : OPEN;
}

const FLOW: FlowOptions = {
  start: shapeOfSchema(StartEventSchema),
  resultOf,
  promised: PROMISED,
  proven: PROVEN,
};

/** Every problem of a definition, named by state. */
export function lintStateMachine(machine: StateMachine, flow: FlowOptions = FLOW): string[] {
  return [
    ...danglingOrUnreached(machine),
    ...unroutedActions(machine),
    ...wrongRetries(machine),
    ...unboundedWaits(machine),
    ...nestedBags(machine),
    ...unproducedPaths(machine, flow),
  ];
}

/** The same for the machine that works through a list, which begins with an envelope. */
export function lintDistributedMachine(machine: StateMachine): string[] {
  return lintStateMachine(machine, DISTRIBUTED_FLOW);
}

/** The same for a machine of the first generation, whose data is a bare bag. */
export function lintLegacyMachine(machine: StateMachine, flow: FlowOptions = LEGACY_FLOW): string[] {
  return [
    ...danglingOrUnreached(machine),
    ...unroutedStatuses(machine),
    ...wrongRetries(machine),
    ...unboundedWaits(machine),
    ...misplacedBags(machine),
    ...unproducedPaths(machine, flow),
  ];
}
