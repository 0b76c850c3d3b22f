import { setTimeout as pause } from 'node:timers/promises';
import {
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { SegmentTurnEvent, StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import type { Branch, SegmentResult } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { SEGMENT_STATUSES, type SegmentStatus } from '@statebag/contracts/statuses';
import { type AppOptions, DeployedTestApp, statesEntered, transform } from './deployed-app.ts';

type Between = NonNullable<AppOptions['between']>;

/**
 * What the machine does after a segment's status, on its own and in a branch. With a next segment where the
 * status needs one.
 */
const AFTER: Readonly<
  Record<SegmentStatus, { readonly next: boolean; readonly state: string; readonly branch: string }>
> = {
  CONTINUE: { next: true, state: 'ExecuteSegment', branch: 'RunBranchAsChild' },
  COMPLETE: { next: false, state: 'WorkflowSucceeded', branch: 'BranchDone' },
  FAILED: { next: false, state: 'TakeFailure', branch: 'BranchDone' },
  PAUSED_FOR_HITP: { next: true, state: 'WaitForCallback', branch: 'RunBranchAsChild' },
  PARALLEL_GROUP: { next: true, state: 'ProcessParallelBranches', branch: 'RunBranchAsChild' },
  SEQUENTIAL_BRANCH: { next: true, state: 'ProcessParallelBranches', branch: 'RunBranchAsChild' },
  MAP_REDUCE: { next: true, state: 'RunDistributedMap', branch: 'RunBranchAsChild' },
  BATCHED: { next: true, state: 'RunDistributedMap', branch: 'RunBranchAsChild' },
  PAUSED_FOR_ASYNC_LLM: { next: true, state: 'WaitForAsyncLLM', branch: 'RunBranchAsChild' },
  WAITING: { next: true, state: 'WaitUntil', branch: 'RunBranchAsChild' },
  SKIPPED: { next: true, state: 'ExecuteSegment', branch: 'RunBranchAsChild' },
  LOOP_LIMIT_EXCEEDED: { next: false, state: 'TakeFailure', branch: 'BranchDone' },
};

/** Two segments and a group of one branch, so that every status has somewhere to lead. */
const WORKFLOW: JsonObject = {
  name: 'routing',
  options: { llm_per_segment: 1 },
  nodes: [
    { id: 'one', type: 'llm_chat', output_key: 'one', config: { prompt: 'one' } },
    { id: 'two', type: 'llm_chat', output_key: 'two', config: { prompt: 'two' } },
  ],
};
const GROUP: JsonObject = {
  name: 'routing-in-a-branch',
  options: { llm_per_segment: 1 },
  nodes: [
    {
      id: 'group',
      type: 'parallel_group',
      config: {
        branches: [
          { id: 'left', nodes: WORKFLOW['nodes'] ?? [] },
          { id: 'right', nodes: [transform('right', 1)] },
        ],
      },
    },
  ],
};

describe('TC-2.6: the machine routes every segment status', () => {
  let app: DeployedTestApp;
  let status: SegmentStatus = 'CONTINUE';
  const tokens: StoreTaskTokenEvent[] = [];

  /**
   * The runner says `status` where a root or branch begins, for which a run begins as after a failed try; tokens
   * are kept, workers never answer; everything else is the deployed code.
   */
  const between: Between = async (invocation, invoke) => {
    const event = JSON.parse(invocation.payload);
    if (event.action === 'init')
      return invoke({ ...invocation, payload: JSON.stringify({ ...event, retry_count: 1 }) });
    if (invocation.functionName.includes('executeSegment') && speaksFor(event.state_data))
      return invoke(merging(invocation, event, status));
    if (invocation.functionName.includes('storeTaskToken')) tokens.push(event);
    if (/storeTaskToken|asyncLlmHandler/.test(invocation.functionName)) return reply(null);
    return invoke(invocation);
  };
  beforeAll(async () => {
    app = await DeployedTestApp.open({ between });
  }, 60_000);
  afterAll(() => app.close());

  test.each(SEGMENT_STATUSES)('sync, %s', async (row) => {
    status = row;
    const states = await statesOf(await app.start(WORKFLOW), AFTER[row].state, 2);
    expect(states.slice(0, 7)).toEqual([
      'StartOrContinue',
      'NotifyWorkflowStarted',
      'InitializeStateBag',
      'EvaluateNextAction',
      'ExecuteSegment',
      'EvaluateNextAction',
      AFTER[row].state,
    ]);
  });

  test.each(SEGMENT_STATUSES)('sync_branch, %s', async (row) => {
    status = row;
    const states = await statesOf(await app.start(GROUP), AFTER[row].branch, 1);
    expect(states.slice(7)).toEqual(
      expect.arrayContaining(['ExecuteBranchSegment', 'EvaluateBranch', AFTER[row].branch]),
    );
    expect(states.includes('RunBranchAsChild')).toBe(AFTER[row].branch === 'RunBranchAsChild');
  });

  test.each([
    ['CONTINUE', 'ExecuteSegment'],
    ['COMPLETE', 'ExecuteSegment'],
    ['FAILED', 'TakeFailure'],
  ] as const)('merge_callback, %s', async (answered, state) => {
    status = 'PAUSED_FOR_HITP';
    tokens.length = 0;
    const executionArn = await app.start(WORKFLOW);
    await statesOf(executionArn, 'WaitForCallback', 1, { stop: false });
    while (tokens.length === 0) await pause(10);
    const [event] = tokens as [StoreTaskTokenEvent];
    await app.sfn.send(
      new SendTaskSuccessCommand({
        taskToken: event.task_token,
        output: JSON.stringify(answerTo(event, answered)),
      }),
    );
    const states = await statesOf(executionArn, state, state === 'ExecuteSegment' ? 2 : 1);
    expect(states.slice(7, 10)).toEqual(['MergeCallbackResult', 'EvaluateNextAction', state]);
  });

  /** The states of an execution once it has entered one so often; what goes on then is of no interest. */
  async function statesOf(
    executionArn: string,
    state: string,
    times: number,
    { stop = true } = {},
  ): Promise<string[]> {
    const until = Date.now() + 30_000;
    for (;;) {
      const { events = [] } = await app.sfn.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
      );
      const states = statesEntered(events);
      if (states.filter((name) => name === state).length >= timesOf(state, times) || Date.now() > until) {
        // it may have ended by itself
        if (stop) await app.sfn.send(new StopExecutionCommand({ executionArn })).catch(() => {});
        return states;
      }
      await pause(10);
    }
  }
});

/** Only a state that is entered anyway has to be waited for more than once. */
function timesOf(state: string, times: number): number {
  return state === 'ExecuteSegment' ? times : 1;
}

/**
 * Only the segment of the first node says what the row asks for; a group opens and its other branch runs as
 * compiled.
 */
function speaksFor({ loop_counter, segment_to_run }: StateBag): boolean {
  return loop_counter === 0 && segment_to_run?.endsWith('-one') === true;
}

/** The call of the function that merges a result, in place of the one that would run the segment. */
function merging(
  invocation: Parameters<Between>[0],
  { schema_version: _version, ...event }: SegmentTurnEvent,
  status: SegmentStatus,
): Parameters<Between>[0] {
  const execution_result = { ...resultOf(event, status), retry_count: 0 };
  const action = event.branch ? 'sync_branch' : 'sync';
  return {
    ...invocation,
    functionName: invocation.functionName
      .replace('segment-runner', 'state-data-manager')
      .replace('executeSegment', 'stateDataManager'),
    payload: JSON.stringify({ action, ...event, execution_result }),
  };
}

function reply(value: unknown) {
  return Promise.resolve({
    statusCode: 200 as const,
    requestId: 'test',
    executedVersion: '1',
    payload: JSON.stringify(value),
  });
}

function resultOf(
  { state_data, now }: Pick<SegmentTurnEvent, 'state_data' | 'now'>,
  status: SegmentStatus,
): SegmentResult {
  const { execution_id, branch_path, loop_counter, segment_to_run } = state_data;
  const segment_id = segment_to_run ?? ('none' as SegmentResult['result_id']['segment_id']);
  const next = AFTER[status].next
    ? segment_id.replace(/^s(\d+)-one/, (_, number) => `s${String(Number(number) + 1).padStart(2, '0')}-two`)
    : null;
  return {
    status,
    result_id: { execution_id, branch_path, loop_counter, segment_id },
    delta: [],
    next_segment_to_run: next as SegmentResult['next_segment_to_run'],
    new_history_logs: [],
    error_info: null,
    branches: /GROUP|BRANCH/.test(status) ? [branchAt(next ?? segment_id)] : null,
    segment_type: 'normal',
    usage: { llm_calls: 0, input_tokens: 0, output_tokens: 0, cost_nano_usd: 0 },
    cursor: null,
    wait_until: status === 'WAITING' ? now : null,
    request: requestOf(status),
  };
}

function branchAt(segment: string): Branch {
  return {
    branch_id: 'left',
    branch_index: 0,
    first_segment: segment as Branch['first_segment'],
    last_segment: segment as Branch['last_segment'],
    optional: false,
  };
}

function requestOf(status: SegmentStatus): SegmentResult['request'] {
  const place = { node_id: 'one', field: 'one' } as Pick<
    NonNullable<SegmentResult['request']>,
    'node_id' | 'field'
  >;
  const deadline = '2999-01-01T00:00:00Z' as NonNullable<SegmentResult['wait_until']>;
  const question = {
    message: '?',
    choices: ['approve'],
    default: null,
    on_reject: 'go_on',
    on_deadline: 'fail',
    deadline,
    timeout_seconds: 3_660,
  } as const;
  if (status === 'PAUSED_FOR_HITP')
    return { kind: 'approval', ...place, ...question, choices: [...question.choices] };
  if (status === 'PAUSED_FOR_ASYNC_LLM')
    return {
      kind: 'async_llm',
      ...place,
      ledger_key: '0'.repeat(64) as never,
      call: {},
      timeout_seconds: 900,
    };
  if (status === 'MAP_REDUCE' || status === 'BATCHED')
    return {
      kind: 'map',
      ...place,
      strategy: status === 'BATCHED' ? 'batched' : 'map_reduce',
      loop: '',
      retry_of: null,
    };
  return null;
}

function answerTo(
  { execution_id, branch_path, loop_counter, segment_id, request }: StoreTaskTokenEvent,
  status: Answer['status'],
): Answer {
  const result_id = { execution_id, branch_path, loop_counter: loop_counter - 1, segment_id };
  return { result_id, field: request.field, status, value: { choice: 'approve' } };
}
