import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StateMachine, statesOf } from '../../scripts/asl-lint/definition.ts';
import { LEGACY_DISTRIBUTED_FLOW } from '../../scripts/asl-lint/legacy.ts';
import { lintLegacyMachine } from '../../scripts/asl-lint/lint.ts';
import type { CompatCheck } from './compat-check.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'stepfunctions', 'definitions');

/** States that dashboards, alarms and people know by their names. A name may be added; none may go. */
export const STATE_NAMES: Readonly<Record<string, readonly string[]>> = {
  'legacy.asl.json': [
    ...[
      'InitializeStateData',
      'CheckIdempotency',
      'LoadLatestState',
      'NotifyWorkflowStarted',
      'ExecuteSegment',
      'UpdateStateData',
      'CheckSegmentStatus',
    ],
    ...[
      'SaveLatestState',
      'ProcessParallelBranches',
      'ExecuteBranchSegment',
      'UpdateBranchState',
      'CheckBranchStatus',
      'AggregateParallelResults',
    ],
    ...[
      'WaitForCallback',
      'MergeCallbackResult',
      'WaitForAsyncLLM',
      'RunDistributedMap',
      'NotifyWorkflowCompleted',
      'WorkflowSucceeded',
    ],
    ...['NotifyWorkflowFailed', 'NotifyInitFailed', 'WorkflowFailed'],
  ],
  'legacy-distributed.asl.json': [
    'SaveLatestState',
    'PrepareDistributedExecution',
    'ProcessSegmentChunk',
    'AggregateResults',
  ],
  'v3.asl.json': [
    ...[
      'InitializeStateBag',
      'ExecuteSegment',
      'SyncStateData',
      'EvaluateNextAction',
      'ProcessParallelBranches',
      'SyncBranchState',
    ],
    ...[
      'AggregateParallelResults',
      'WaitForCallback',
      'MergeCallbackResult',
      'WaitForAsyncLLM',
      'MergeAsyncResult',
      'WorkflowFailed',
    ],
  ],
  'v3-distributed.asl.json': [
    'PrepareDistributedExecution',
    'CreatePreSnapshot',
    'ProcessSegmentChunk',
    'AggregateDistributedResults',
  ],
};

/** Event types that consumers of the first generation's events have rules for. */
const EVENT_TYPES = ['STARTED', 'COMPLETED', 'FAILED', 'INIT_FAILED'];

/** What must be found in the definitions themselves. */
export function definitionChecks(): CompatCheck[] {
  return [
    ...Object.entries(STATE_NAMES).flatMap(([file, names]) => names.map((name) => nameCheck(file, name))),
    ...LEGACY_CHECKS,
  ];
}

function nameCheck(file: string, name: string): CompatCheck {
  const isThere = async () =>
    statesOf(machineOf(file)).some(([state]) => state === name) ? null : `${file} has no state ${name}`;
  return { section: 'state names', name: `${file} ${name}`, problem: isThere };
}

const LEGACY_CHECKS: readonly CompatCheck[] = [
  legacyCheck('legacy.asl.json keeps the rules of its lint', () =>
    lintLegacyMachine(machineOf('legacy.asl.json')),
  ),
  legacyCheck('legacy-distributed.asl.json keeps the rules of its lint', () =>
    lintLegacyMachine(machineOf('legacy-distributed.asl.json'), LEGACY_DISTRIBUTED_FLOW),
  ),
  legacyCheck('every payload of a segment holds the whole bag', () =>
    payloadsWithout('ExecuteSegmentArn', 'state_data.$'),
  ),
  legacyCheck('no event of the first generation carries a schema_version to the runner', () =>
    payloadsOf('ExecuteSegmentArn')
      .filter((payload) => 'schema_version' in payload || 'schema_version.$' in payload)
      .map(() => 'a payload has one'),
  ),
  ...EVENT_TYPES.map((type) =>
    legacyCheck(`the event ${type} is put`, () =>
      textOf('legacy.asl.json').includes(`"event_type": "${type}"`) ? [] : [`nothing puts ${type}`],
    ),
  ),
];

function legacyCheck(name: string, problems: () => readonly string[]): CompatCheck {
  return { section: 'legacy definitions', name, problem: async () => problems().join('; ') || null };
}

type Payload = Readonly<Record<string, unknown>>;

function payloadsOf(substitution: string): Payload[] {
  const tasks = statesOf(machineOf('legacy.asl.json')).map(
    ([, { Parameters }]) => Parameters as { FunctionName?: string; Payload?: Payload } | undefined,
  ); // a lambda task's parameters
  return tasks.flatMap((parameters) =>
    parameters?.FunctionName === `$${`{${substitution}}`}` && parameters.Payload ? [parameters.Payload] : [],
  );
}

function payloadsWithout(substitution: string, member: string): string[] {
  return payloadsOf(substitution).flatMap((payload) =>
    member in payload ? [] : [`a payload has no ${member}`],
  );
}

function machineOf(file: string): StateMachine {
  return JSON.parse(textOf(file));
}

function textOf(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}
