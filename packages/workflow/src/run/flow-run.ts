import type { Cursor, HistoryStatus, NodeId, Usage } from '@statebag/contracts';
import type { CompiledNode } from '../compile/flow.ts';
import type { ParseText, Variables } from '../expressions/create-evaluator.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AnswerApproval, HandOver, InvokeFunction } from '../nodes/define-node.ts';
import type { LlmProviders } from '../providers/llm-provider.ts';
import type { WorkingState } from './working-state.ts';

/** What stays the same for every node of an invocation. */
export interface RunDeps {
  readonly execution_id: string;
  readonly start_time: string;
  readonly ledger: Ledger;
  readonly providers: LlmProviders;
  readonly http: HttpClient;
  readonly invoke: InvokeFunction | null;
  readonly answer: AnswerApproval | null;
  readonly now: number;
  readonly parse: ParseText;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** When this invocation must have replied; infinity where nothing presses. */
  readonly deadline: number;
  /** Whether it may stop half way; inside of another node it may not. */
  readonly mayYield: boolean;
}

/** One turn of one node, for the history. */
export interface Turn {
  readonly node: CompiledNode;
  readonly loop: string;
  readonly started: number;
  readonly ended: number;
  readonly status: HistoryStatus;
  readonly summary?: string;
  readonly usage: Usage;
}

/** Where a flow stands: the state it works on, and which turn of which loops and items this is. */
export interface FlowRun {
  readonly state: WorkingState;
  readonly variables: Variables;
  readonly loop: string;
  readonly item: string;
  readonly deps: RunDeps;
  /** Told about every finished turn; items keep theirs to themselves. */
  readonly onTurn: (turn: Turn) => void;
  readonly onUsage: (usage: Usage) => void;
}

/** How a flow was left: to a node outside of it (or to nowhere), in the middle for want of time, or because the state machine has to do something first. */
export type FlowEnd =
  | { readonly kind: 'left'; readonly next: NodeId | null }
  | { readonly kind: 'yield'; readonly cursor: Cursor }
  | (HandOver & { readonly node: NodeId; readonly loop: string; readonly next: NodeId | null });

/** Time kept for storing and replying. */
const RESERVE_MILLIS = 500;
/** An expectation is not a promise: with this much time left it is worth beginning, since what is recorded is not lost. */
const LONGEST_RESERVE = 30_000;

/** True when work that is expected to take this long should be left to the next invocation. */
export function isShortOf({ deadline, clock, mayYield }: RunDeps, millis: number): boolean {
  return mayYield && clock() + Math.min(millis, LONGEST_RESERVE) + RESERVE_MILLIS > deadline;
}

/** How long a call may take, so that a late answer is an error of its own and not the end of the whole invocation. */
export function timeLeft({ deadline, clock }: RunDeps, millis: number): number {
  return Math.max(1, Math.min(millis, Math.floor(deadline - clock() - RESERVE_MILLIS)));
}

/** What is inside of another node ends with it: it never stops half way for want of time. */
export function withoutYield(run: FlowRun): FlowRun {
  return { ...run, deps: { ...run.deps, mayYield: false } };
}
