import { setTimeout } from 'node:timers/promises';
import type { ExecutionId, NodeId } from '@statebag/contracts/ids';
import type { Items, Usage } from '@statebag/contracts/schemas/history';
import type { SpendLimits } from '@statebag/contracts/schemas/model-call';
import type { Cursor } from '@statebag/contracts/schemas/segment-result';
import type { HistoryStatus } from '@statebag/contracts/statuses';
import type { Variables } from '../expressions/bounded-evaluation.ts';
import { type ParseText, parserOf } from '../expressions/create-evaluator.ts';
import { type EvaluationBudget, evaluationBudget } from '../expressions/evaluation-budget.ts';
import { guardedHttp } from '../http/guarded-http.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AnswerApproval, InvokeFunction } from '../nodes/answers-outside.ts';
import type { HandOver } from '../nodes/define-node.ts';
import type { CompiledNode } from '../nodes/flow.ts';
import { foundIn, noNodes, type OpenOwnNodes, type OwnNode } from '../own/own-nodes.ts';
import { noFiles, type OpenFile } from '../providers/attached-files.ts';
import type { LlmProviders } from '../providers/llm-provider.ts';
import type { PriceList } from '../providers/prices.ts';
import {
  bookInMemory,
  type OwnersDay,
  type SpendBook,
  type SpendOf,
  spendOf,
} from '../providers/spend-guard.ts';
import { noSecrets, type ReadSecret } from '../secrets/secret-references.ts';
import { type MemoryBudget, memoryBudget } from './memory-budget.ts';
import type { WorkingState } from './working-state.ts';

/** What stays the same for every node of an invocation. */
export interface RunDeps {
  readonly execution_id: ExecutionId;
  readonly start_time: string;
  readonly ledger: Ledger;
  readonly providers: LlmProviders;
  readonly spendOf: SpendOf;
  readonly limits: SpendLimits | undefined;
  readonly prices?: PriceList | undefined;
  readonly http: HttpClient;
  readonly secret: ReadSecret;
  readonly openFile: OpenFile;
  readonly invoke: InvokeFunction | null;
  readonly own: (type: string) => Promise<OwnNode>;
  readonly answer: AnswerApproval | null;
  readonly now: number;
  readonly parse: ParseText;
  readonly showsValues: boolean;
  readonly budget: EvaluationBudget;
  readonly memory: MemoryBudget;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** When this invocation must have replied; infinity where nothing presses. */
  readonly deadline: number;
  /** Lets time pass between two attempts. */
  readonly pause: (millis: number) => Promise<void>;
  /** Whether it may stop half way; inside of another node it may not. */
  readonly mayYield: boolean;
  /** Says in the place of time and memory where it stops half way. */
  readonly leavesAt: ((next: Cursor) => boolean) | null;
}

/** Outside ways that a deployment may leave out, and what stands in their place then. */
export interface Ways {
  /** Where the deployment allows nothing special, one that does not lead inside. */
  readonly http?: HttpClient;
  readonly invoke?: InvokeFunction;
  /** The node types of the project. */
  readonly nodes?: OpenOwnNodes;
  readonly secret?: ReadSecret;
  readonly openFile?: OpenFile;
  /** Whether messages of failed expressions show the values they met; not if not given. */
  readonly showsValues?: boolean;
  /** Asked now and then where expressions take long; throws where nobody wants the run to go on. */
  readonly mayGoOn?: () => Promise<void>;
  /** Where all functions of a run count what it spends; each invocation for itself if not given. */
  readonly book?: SpendBook;
  /** Whose run it is, and what all runs of that owner may spend on one day. */
  readonly owner?: OwnersDay;
  /** Of models, where the deployment has others than those of the list. */
  readonly prices?: PriceList;
  /** Lets time pass between two attempts of a call; real time if not given. */
  readonly pause?: (millis: number) => Promise<void>;
  /** Where an invocation that is repeated was left half way: time and memory are not asked then. */
  readonly leavesAt?: (next: Cursor) => boolean;
}

/** What an invocation on the state machine is made from. */
interface Invoked extends Ways, Pick<RunDeps, 'ledger' | 'providers' | 'clock' | 'deadline'> {
  readonly run: Pick<RunDeps, 'execution_id' | 'start_time'> & { readonly now: string };
  readonly segment: { readonly limits?: SpendLimits };
}

/** What its nodes have at hand. */
export function depsOf({
  run: { execution_id, start_time, now },
  segment,
  ledger,
  providers,
  book = bookInMemory(),
  owner,
  prices,
  http = guardedHttp(),
  secret = noSecrets,
  openFile = noFiles,
  invoke,
  nodes = noNodes,
  pause = (millis) => setTimeout(millis),
  mayGoOn,
  showsValues = false,
  leavesAt,
  clock,
  deadline,
}: Invoked): RunDeps {
  const { limits } = segment;
  return {
    execution_id,
    start_time,
    now: Date.parse(now),
    ledger,
    providers,
    limits,
    prices,
    spendOf: spendOf({ execution_id, limits, book, owner, clock, prices }),
    http,
    secret,
    openFile,
    invoke: invoke ?? null,
    own: foundIn(nodes),
    pause,
    clock,
    deadline,
    parse: parserOf(segment),
    showsValues,
    budget: evaluationBudget({ ...(mayGoOn && { mayGoOn }) }),
    memory: memoryBudget(),
    answer: null,
    mayYield: true,
    leavesAt: leavesAt ?? null,
  };
}

/** One turn of one node, for the history. */
export interface Turn {
  readonly node: CompiledNode;
  readonly loop: string;
  readonly started: number;
  readonly ended: number;
  readonly status: HistoryStatus;
  readonly summary?: string;
  readonly items?: Items;
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
  readonly onItems?: (items: Items) => void;
}

/**
 * How a flow was left: to a node outside of it (or to nowhere), in the middle for want of time, or because
 * the state machine has to do something first.
 */
export type FlowEnd =
  | { readonly kind: 'left'; readonly next: NodeId | null }
  | { readonly kind: 'yield'; readonly cursor: Cursor; readonly wait_until?: number }
  | (HandOver & { readonly node: NodeId; readonly loop: string; readonly next: NodeId | null });

/** Time kept for storing and replying. */
const RESERVE_MILLIS = 500;
/**
 * An expectation is not a promise: with this much time left it is worth beginning, since what is recorded is
 * not lost.
 */
const LONGEST_RESERVE = 30_000;

/** True when work that is expected to take this long should be left to the next invocation. */
export function isShortOf(deps: RunDeps, millis: number, next: Cursor): boolean {
  const { deadline, clock, mayYield, budget, memory, leavesAt } = deps;
  if (!mayYield) return false;
  if (leavesAt) return leavesAt(next);
  if (budget.isShort() || memory.isShort()) return true;
  return clock() + Math.min(millis, LONGEST_RESERVE) + RESERVE_MILLIS > deadline;
}

/**
 * How long a call may take, so that a late answer is an error of its own and not the end of the whole
 * invocation.
 */
export function timeLeft({ deadline, clock }: RunDeps, millis: number): number {
  return Math.max(1, Math.min(millis, Math.floor(deadline - clock() - RESERVE_MILLIS)));
}

/** What is inside of another node ends with it: it never stops half way for want of time. */
export function withoutYield(run: FlowRun): FlowRun {
  return { ...run, deps: { ...run.deps, mayYield: false } };
}

/**
 * The run as a node in open loops meets it: `$index` and the path are those of the iterations they are in, as
 * in a closed body.
 */
export function inOpenLoops({ loops }: CompiledNode, run: FlowRun): FlowRun {
  if (loops === undefined) return run;
  const iterations = loops.map((id) => iterationOf({ id }, run.state));
  return {
    ...run,
    loop: iterations.join('.'),
    variables: { ...run.variables, index: iterations.at(-1) ?? 0 },
  };
}

/** Which iteration an open loop is in. Nothing is kept of the first one. */
export function iterationOf(loop: { readonly id: NodeId }, state: WorkingState): number {
  return Number(state.progressOf(loop) ?? 0);
}
