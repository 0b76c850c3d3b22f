import {
  isStatebagError,
  type JsonObject,
  type StatebagError,
  type Timestamp,
  timestampOf,
} from '@statebag/contracts';
import { ERRORS } from '@statebag/contracts/errors';
import type { BranchPath, ExecutionId, NodeId } from '@statebag/contracts/ids';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import type { Cursor, SegmentResult } from '@statebag/contracts/schemas/segment-result';
import type { SegmentStatus } from '@statebag/contracts/statuses';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import { childBranchPath } from '@statebag/state-core/core/branch-path';
import type { SegmentDraft } from '@statebag/state-core/core/plan-result';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import type { SegmentDefinition } from '../compile/segment-definition.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LlmProviders } from '../providers/llm-provider.ts';
import { depsOf, type FlowEnd, type Turn, type Ways } from './flow-run.ts';
import { runFlow } from './run-flow.ts';
import { workingState } from './working-state.ts';

/** Control fields of the run that a segment needs. */
export interface SegmentRun {
  readonly execution_id: ExecutionId;
  readonly branch_path: BranchPath;
  readonly loop_counter: number;
  readonly resume_count: number;
  readonly max_loop_iterations?: number;
  readonly cursor: Cursor | null;
  readonly start_time: Timestamp;
  /** When the segment's state was entered. */
  readonly now: Timestamp;
}

/** One invocation: what to run, on which fields, with what at hand, until when. */
export interface SegmentInvocation extends Ways {
  readonly segment: SegmentDefinition;
  /** The hydrated fields of the segment's read set. */
  readonly state: JsonObject;
  readonly run: SegmentRun;
  /** Milliseconds since 1970 when the invocation must have replied. */
  readonly deadline: number;
  readonly clock: () => number;
  readonly ledger: Ledger;
  readonly providers: LlmProviders;
}

type Ending = Pick<
  SegmentDraft,
  'status' | 'next_segment_to_run' | 'cursor' | 'error_info' | 'branches' | 'wait_until' | 'request'
>;
const NOTHING_ELSE = { cursor: null, error_info: null, branches: null, wait_until: null, request: null };

/**
 * Runs the nodes of a segment. A node that fails ends in FAILED with what was finished; an error that a later
 * try may mend is thrown,
 * and the ledger makes that try cheap.
 */
export async function runSegment(invocation: SegmentInvocation): Promise<SegmentDraft> {
  const { segment, run } = invocation;
  const deps = depsOf(invocation);
  const state = workingState(invocation.state, deps.memory);
  const turns: Turn[] = [];
  let usage = NO_USAGE;
  const flowRun = {
    state,
    variables: {},
    loop: '',
    item: '',
    deps,
    onTurn: (turn: Turn) => turns.push(turn),
    onUsage: (more: typeof usage) => {
      usage = addUsage(usage, more);
    },
  };
  const ending = await endingOf(invocation, () =>
    runFlow(segment.flow, run.cursor ?? { node_id: segment.flow.entry, item: 0 }, flowRun),
  );
  return {
    ...ending,
    result_id: {
      execution_id: run.execution_id,
      branch_path: run.branch_path,
      loop_counter: run.loop_counter,
      segment_id: segment.segment_id,
    },
    delta: [...state.operations()],
    new_history_logs: turns.map((turn) => historyEntry(turn, invocation)),
    segment_type: segment.segment_type,
    usage,
  };
}

async function endingOf({ segment, run }: SegmentInvocation, work: () => Promise<FlowEnd>): Promise<Ending> {
  const { max_loop_iterations: limit = Number.POSITIVE_INFINITY, loop_counter } = run;
  if (loop_counter >= limit)
    return failed('LOOP_LIMIT_EXCEEDED', {
      error: 'Loop.LimitExceeded',
      message: `${loop_counter} results were applied; the limit is ${limit}`,
      node_id: null,
    });
  try {
    return endingAfter(await work(), segment, run);
  } catch (error) {
    if (!isStatebagError(error) || ERRORS[error.name].retryable) throw error;
    return failed(error.name === 'Loop.LimitExceeded' ? 'LOOP_LIMIT_EXCEEDED' : 'FAILED', {
      error: error.name,
      message: error.message,
      node_id: nodeIn(error),
    });
  }
}

function endingAfter(
  end: FlowEnd,
  { exits, branches, segment_id }: SegmentDefinition,
  { branch_path }: SegmentRun,
): Ending {
  if (end.kind === 'yield')
    return {
      ...NOTHING_ELSE,
      status: end.wait_until === undefined ? 'CONTINUE' : 'WAITING',
      next_segment_to_run: segment_id,
      cursor: end.cursor,
      wait_until: end.wait_until === undefined ? null : timestampOf(end.wait_until),
    };
  const next_segment_to_run = end.next === null ? null : (exits[end.next] ?? null);
  if (end.kind === 'left')
    return {
      ...NOTHING_ELSE,
      status: next_segment_to_run === null ? 'COMPLETE' : 'CONTINUE',
      next_segment_to_run,
    };
  if (end.status === 'WAITING' && next_segment_to_run === null) return lastWait(end, segment_id);
  const wait_until = end.wait_until === null ? null : timestampOf(end.wait_until);
  const started =
    branches[end.node]?.map((branch) => ({
      ...branch,
      branch_path: childBranchPath(branch_path, branch.branch_index, end.loop),
    })) ?? null;
  return {
    ...NOTHING_ELSE,
    status: end.status,
    next_segment_to_run,
    branches: started,
    wait_until,
    request: end.request,
  };
}

/**
 * Nothing follows the wait, but the run does not end before it: the segment is entered once more, behind it.
 */
function lastWait(
  { node, wait_until }: Extract<FlowEnd, { kind: 'hand-over' }>,
  segment_id: SegmentDefinition['segment_id'],
): Ending {
  const due = wait_until === null ? null : timestampOf(wait_until);
  return {
    ...NOTHING_ELSE,
    status: 'WAITING',
    next_segment_to_run: segment_id,
    cursor: { node_id: node, item: 1 },
    wait_until: due,
  };
}

function failed(status: SegmentStatus, error_info: NonNullable<SegmentResult['error_info']>): Ending {
  return { ...NOTHING_ELSE, status, next_segment_to_run: null, error_info };
}

function nodeIn({ details }: StatebagError): NodeId | null {
  return typeof details['node_id'] === 'string' ? (details['node_id'] as NodeId) : null; // set from a node's id where the node failed
}

function historyEntry(
  { node, loop, started, ended, status, summary, items, usage }: Turn,
  { segment: { segment_id }, run }: SegmentInvocation,
): HistoryEntry {
  return {
    id: sha256Of(canonicalJson([run.execution_id, run.branch_path, segment_id, loop, node.id, ''])),
    segment_id,
    node_id: node.id,
    type: node.type,
    status,
    started_at: timestampOf(started),
    ended_at: timestampOf(ended),
    attempt: run.resume_count + 1,
    ...(summary !== undefined && { summary }),
    ...(usage.llm_calls > 0 && { usage }),
    ...(items && { items }),
  };
}
