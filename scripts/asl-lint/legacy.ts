import { CONTROL_FIELDS } from '@statebag/contracts/control-fields';
import { SEGMENT_STATUSES } from '@statebag/contracts/statuses';
import type { FlowOptions } from './data-flow.ts';
import { type State, type StateMachine, statesOf } from './definition.ts';
import { MAP_PAYLOADS } from './distributed.ts';
import { OPEN, objectShape, type Shape } from './shape.ts';

/** A bare bag: its control fields are there on every way, also where the rest became text. */
const BAG = objectShape(CONTROL_FIELDS.map((field): [string, Shape] => [field, OPEN]));
const DATA = objectShape([['state_data', BAG]]);

/** The description of a failed execution has its own error and cause. */
const CHILD_FAILURE = objectShape([
  ['state_data', BAG],
  [
    'error_info',
    objectShape([
      ['Error', OPEN],
      ['Cause', OPEN],
    ]),
  ],
]);

/** What a function answers: a bare bag, or a result. */
const ANSWERS: readonly (readonly [substitution: string, payload: Shape])[] = [
  ['InitializeStateDataArn', BAG],
  ['StateDataManagerArn', BAG],
  ['LoadLatestStateArn', BAG],
  ['MergeCallbackArn', BAG],
  ['AggregateResultsArn', BAG],
];
const BAGS = new Map(ANSWERS.map(([name, payload]) => [`$${`{${name}}`}`, payload]));
const PAYLOADS = new Map([...BAGS, ...Object.entries(MAP_PAYLOADS)]);

/** What the data flow of the first generation's machines rests on besides their own states. */
export const LEGACY_FLOW: FlowOptions = {
  start: OPEN,
  resultOf: ({ Resource, Parameters }: State): Shape => {
    if (Resource?.startsWith('arn:aws:states:::states:startExecution'))
      return objectShape([['Output', OPEN]]);
    const payload = PAYLOADS.get(functionOf(Parameters));
    return payload ? objectShape([['Payload', payload]]) : OPEN;
  },
  promised: {
    ProcessParallelBranches: { '$.state_data.branches': 'a result that opens a group names its branches' },
    WaitForCallback: { '$.state_data.request': 'a result that pauses says for what' },
    WaitForAsyncLLM: { '$.state_data.request': 'as above' },
    TakeAsyncFailure: { '$.state_data.request': 'as before the wait' },
    TakeChildFailure: { '$.error_info': 'a Catch leads here' },
    TakeFailure: { '$.state_data.error_info': 'a bag that failed says why' },
  },
  proven: {
    StartOrContinue: { CheckSegmentStatus: DATA },
    PrepareBranch: { ExecuteBranchSegment: DATA },
    RunDistributedMap: { CheckSegmentStatus: DATA },
    TakeChildFailure: { ReportFailure: CHILD_FAILURE },
  },
};

function functionOf(parameters: unknown): string {
  return typeof parameters === 'object' && parameters !== null && 'FunctionName' in parameters
    ? String(parameters.FunctionName)
    : '';
}

/** The same for its machine for maps, which begins with the bag of the run that waits for it. */
export const LEGACY_DISTRIBUTED_FLOW: FlowOptions = {
  ...LEGACY_FLOW,
  start: objectShape([
    [
      'state_data',
      objectShape(
        [...CONTROL_FIELDS, 'current_state', 'request'].map((field): [string, Shape] => [field, OPEN]),
      ),
    ],
  ]),
};

/** A Choice on the bag's status names every status of the contract. */
export function unroutedStatuses(machine: StateMachine): string[] {
  return statesOf(machine).flatMap(([name, { Choices = [] }]) => {
    const rules = Choices.filter((rule) => !('And' in rule));
    const routed = [
      ...JSON.stringify(rules).matchAll(/"Variable":"\$\.state_data\.status","StringEquals":"(\w+)"/g),
    ].map(([, status]) => status);
    if (routed.length === 0) return [];
    const unknown = routed.filter(
      (status) => status !== 'STARTED' && !SEGMENT_STATUSES.some((known) => known === status),
    );
    return [
      ...SEGMENT_STATUSES.filter((status) => !routed.includes(status)).map(
        (status) => `${name}: does not route ${status}`,
      ),
      ...unknown.map((status) => `${name}: routes ${status}, which is not of the contract`),
    ];
  });
}

/** A bare bag becomes the one member `state_data`; a machine that put it anywhere else would hold two. */
export function misplacedBags(machine: StateMachine): string[] {
  return statesOf(machine).flatMap(
    ([name, { Type, Resource, Parameters, ResultSelector, ResultPath = '$', OutputPath = '$' }]) => {
      if (
        Type !== 'Task' ||
        !Resource?.startsWith('arn:aws:states:::lambda:invoke') ||
        !BAGS.has(functionOf(Parameters))
      )
        return [];
      const isBag =
        JSON.stringify(ResultSelector) === '{"state_data.$":"$.Payload"}' &&
        ResultPath === '$' &&
        OutputPath === '$';
      return isBag ? [] : [`${name}: a bare bag must become state_data and all of the data`];
    },
  );
}
