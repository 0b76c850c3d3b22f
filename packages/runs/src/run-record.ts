import type { Timestamp } from '@statebag/contracts';
import type { DefinitionId, ExecutionId, OwnerId, WorkflowId } from '@statebag/contracts/ids';

/** Which machines a run is on. */
export type Generation = 'v3' | 'legacy';

/** How the service says an execution ended, and CANCELLED for one that was ended on purpose. */
export const RUN_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'CANCELLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export type TerminalStatus = Exclude<RunStatus, 'RUNNING'>;

/** What running a legacy run again on v3 came to. */
export type Divergence = { readonly same: true } | { readonly same: false; readonly where: string };

/** What is known of a run when it begins. */
export interface NewRun {
  readonly execution_id: ExecutionId;
  readonly owner_id: OwnerId;
  readonly workflow_id: WorkflowId;
  readonly definition_id: DefinitionId;
  readonly generation: Generation;
  /** The machine, or the version of it, that the run stays on. */
  readonly machine_arn: string;
  readonly started_at: Timestamp;
  /** The executions that are the run: the first one and its resumes. Empty where none was started yet. */
  readonly execution_arns?: readonly string[] | undefined;
  /** SHA-256 of what was asked for: tells a repeated start from another one under the same key. */
  readonly input_sha256?: string | undefined;
  readonly idempotency_key?: string | undefined;
}

/** How a run is recorded that does not simply begin now. */
export interface Waiting {
  /** Since when it waits to begin. */
  readonly queued_at: Timestamp;
  /** What its machine is started with, as JSON. */
  readonly start_event: string;
}

/** A run as the table keeps it. */
export interface RunRecord extends NewRun {
  readonly execution_arns: readonly string[];
  readonly status: RunStatus;
  /** It waits to begin, since then: RUNNING with no execution yet. */
  readonly queued_at?: Timestamp | undefined;
  /** It has one of the places that its owner's limit allows. */
  readonly counted?: boolean | undefined;
  readonly ended_at?: Timestamp | undefined;
  readonly error?: string | undefined;
  /** At most 2 KB of it. */
  readonly cause?: string | undefined;
  readonly cancelled_at?: Timestamp | undefined;
  readonly cancelled_by?: string | undefined;
  /** The end of the current execution was put on the bus. */
  readonly reported: boolean;
  /** What running it again on v3 came to, where that was done. */
  readonly divergence?: Divergence | undefined;
}

/** How an execution of a run ended. */
export interface RunEnd {
  readonly execution_arn: string;
  readonly status: TerminalStatus;
  readonly ended_at: Timestamp;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** Who ended a run on purpose, and when. */
export interface Cancellation {
  readonly by: string;
  readonly at: Timestamp;
}

/** A run that was cancelled and did not succeed has ended as CANCELLED, however its execution did. */
export function statusAtEnd(
  { cancelled_at }: Pick<RunRecord, 'cancelled_at'>,
  status: TerminalStatus,
): TerminalStatus {
  return cancelled_at !== undefined && status !== 'SUCCEEDED' ? 'CANCELLED' : status;
}
