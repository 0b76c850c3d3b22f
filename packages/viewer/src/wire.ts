import type { ApprovalView, RunTrace } from '@statebag/contracts/schemas/api';
import type { Trace } from '@statebag/runs/trace';

/** What a page asks its own server for, besides the routes of the API, which it reaches under /api. */

/** GET /about: where the page looks. */
export interface About {
  /** `local cloud`, or stage and region. */
  readonly place: string;
  /** A stage is shown and not changed: the page has commands in place of buttons. */
  readonly read_only: boolean;
  readonly owner: string;
  /** Whether a process runs what is under way; a RUNNING run that nobody holds stands still. */
  readonly held: boolean;
  /** What commands need besides their own arguments to mean this place: `--data-dir x`. */
  readonly command_options: readonly string[];
}

/** GET /executions/machines */
export interface MachineView {
  readonly arn: string;
  readonly name: string;
}

/** A row of GET /executions?machine=<arn>&next=<token> */
export interface ExecutionView {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  readonly started_at: string;
  readonly ended_at: string | null;
}

export interface ExecutionPage {
  readonly executions: readonly ExecutionView[];
  readonly next: string | null;
}

/** GET /executions/trace?arn=<arn>: what an execution did, without values. */
export interface ExecutionDetail extends ExecutionView {
  readonly machine_arn: string;
  /** The machine as ASL text; null for a history that was read from a file. */
  readonly definition: string | null;
  readonly trace: Trace;
}

/** GET /executions/payload?arn=<arn>&event=<number>: what entered and left a state. */
export interface StatePayload {
  readonly input: string | null;
  readonly output: string | null;
}

/** What the server refuses, and why. */
export interface Refusal {
  readonly error: { readonly code: string; readonly message: string; readonly mend: string };
}

/** An event of GET /live: the version of what the page shows. A page that has another one asks anew. */
export interface Change {
  readonly version: string;
}

/**
 * The version of a run: what the server tells, and what the page has once it has read it, so that it reads at
 * once and again only when something is newer. A question is recorded by a function that the last event
 * began, so events alone do not say that it is there.
 */
export function versionOfRun(
  { run, executions }: RunTrace,
  approvals: readonly Pick<ApprovalView, 'state'>[],
): string {
  const events = executions.reduce((sum, { events: each }) => sum + each, 0);
  const asked = APPROVAL_STATES.map((state) => approvals.filter((each) => each.state === state).length);
  return [run.status, run.resumes, executions.length, events, ...asked].join('.');
}

const APPROVAL_STATES: readonly ApprovalView['state'][] = ['OPEN', 'RECORDED', 'DELIVERED', 'CLOSED'];

/**
 * The header that carries the secret of the place; the address that the command prints has it behind #key=.
 */
export const KEY_HEADER = 'x-statebag-key';
