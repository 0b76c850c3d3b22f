import { setTimeout as pause } from 'node:timers/promises';
import { StatebagError } from '@statebag/contracts';
import type { AsyncLlmEvent } from '@statebag/contracts/schemas/events';
import type { AsyncModelCall } from '@statebag/contracts/schemas/model-call';
import type { Runs } from '@statebag/runs';
import type { Deadline, StepLog } from '@statebag/step-kit';
import {
  askModel,
  type CallPlace,
  type CallResult,
  type Ledger,
  type LlmProviders,
  type MoneyConfig,
  type OpenFile,
  questionOf,
  spendOf,
} from '@statebag/workflow';
import type { TaskTokens } from '../task-tokens.ts';
import type { Rhythm } from './read-worker-config.ts';

/** What a worker works with. */
export interface WorkerTools {
  readonly providers: LlmProviders;
  readonly tokens: TaskTokens;
  readonly runs: Pick<Runs, 'acquireLease' | 'renewLease' | 'releaseLease' | 'isCancelled' | 'book'>;
  readonly log: StepLog;
  readonly rhythm: Rhythm;
  /** What models cost, and what an owner may spend on a day; the list and anything if not given. */
  readonly money?: Partial<MoneyConfig>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** One call on its way: whose it is, where it is recorded, and until when. */
export interface Asked {
  readonly event: AsyncLlmEvent;
  readonly call: AsyncModelCall;
  readonly place: CallPlace;
  readonly ledger: Ledger;
  readonly openFile: OpenFile;
  readonly deadline: Deadline;
  /** Tells this worker from every other one. */
  readonly holder: string;
}

/**
 * The answer to a question that one worker at a time may ask: recorded before, or by another worker
 * meanwhile, or by this one.
 * @throws `Ledger.LeaseLost` when another worker has taken over, `Run.Cancelled`, `Llm.*`
 */
export async function askAlone(asked: Asked, tools: WorkerTools): Promise<CallResult> {
  const lease = leaseOf(asked, tools);
  return whileBeating(
    () => beat(asked, tools, lease),
    tools.rhythm.beatMs,
    async (signal) => {
      const recorded = await lease.wait(signal);
      if (recorded) return recorded;
      try {
        const result = await askAndRecord(asked, tools, signal);
        await lease.renew();
        return result;
      } finally {
        await lease.release();
      }
    },
  );
}

type Lease = ReturnType<typeof leaseOf>;

function leaseOf(
  { event: { execution_id, request }, call, place, ledger, deadline, holder }: Asked,
  { runs, rhythm, clock }: WorkerTools,
) {
  const key = request.ledger_key;
  const claim = () => ({ holder, now: clock(), ttl_ms: rhythm.leaseMs });
  let heldUntil: number | null = null;
  return {
    /** Null when the lease is held; what another worker recorded where that came first. */
    async wait(signal: AbortSignal): Promise<CallResult | null> {
      for (;;) {
        const claimed = claim();
        if ((await runs.acquireLease(execution_id, key, claimed)).held) {
          heldUntil = claimed.now + claimed.ttl_ms;
          return null;
        }
        if (deadline.remainingMs() <= rhythm.pollMs)
          throw new StatebagError('Llm.Unavailable', `another worker still asks ${call.model}`);
        await pause(rhythm.pollMs, null, { signal });
        const { recorded } = await ledger.lookUp(place, questionOf(call));
        if (recorded) return recorded;
      }
    },
    /** Nothing while no lease is held. */
    async renew(): Promise<void> {
      if (heldUntil === null) return;
      const claimed = claim();
      if (!(await runs.renewLease(execution_id, key, claimed)))
        throw new StatebagError('Ledger.LeaseLost', `another worker asks ${call.model} now`);
      heldUntil = claimed.now + claimed.ttl_ms;
    },
    isOver: () => heldUntil !== null && clock() >= heldUntil,
    release: () => runs.releaseLease(execution_id, key, { holder }),
  };
}

/**
 * Says that the task is looked after and that the call is still this worker's. What could not be said is said
 * at the next beat, while the lease lasts.
 */
async function beat({ event }: Asked, { tokens, runs, log }: WorkerTools, lease: Lease): Promise<void> {
  const { execution_id, request, task_token } = event;
  const facts = { execution_id, ledger_key: request.ledger_key };
  try {
    await lease.renew();
    if ((await tokens.beat(task_token)) === 'delivered') return;
    log.event('warn', { event: 'task_token_gone', at: 'beat', ...facts });
    // The state machine may ask again, and then finds what this worker records; but not for a run that was
    // ended on purpose.
    if (await runs.isCancelled(execution_id))
      throw new StatebagError('Run.Cancelled', `run ${execution_id} was cancelled`);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    if (name === 'Ledger.LeaseLost' || name === 'Run.Cancelled') throw error;
    log.event('warn', { event: 'beat_failed', error: name, ...facts });
    if (lease.isOver())
      throw new StatebagError('Ledger.LeaseLost', 'the lease could not be renewed in time', { cause: error });
  }
}

async function askAndRecord(
  { event, call, place, ledger, deadline, openFile }: Asked,
  { providers, log, clock, runs: { book }, money: { prices, ownersDay } = {} }: WorkerTools,
  signal: AbortSignal,
): Promise<CallResult> {
  const timeLeft = (millis: number) => Math.max(1, Math.min(millis, Math.floor(deadline.remainingMs())));
  const { execution_id, owner_id, request } = event;
  const owner = { owner_id, limit: ownersDay };
  const guarded = { execution_id, limits: call.limits, book, owner, prices, clock };
  const spend = spendOf(guarded)(request.node_id);
  let own: CallResult | null = null;
  const result = await ledger.call(place, {
    input: questionOf(call),
    unsafe: false,
    perform: async (key) => {
      own = await askModel(call, { providers, key, timeLeft, signal, openFile, spend, prices });
      return own;
    },
  });
  reportUnused(own, result, { event, log });
  return result;
}

/** Two workers were answered, and one answer counts: the other one was paid for all the same. */
function reportUnused(
  own: CallResult | null,
  used: CallResult,
  { event, log }: { event: AsyncLlmEvent; log: StepLog },
): void {
  if (own === null || own.result === used.result) return;
  const { execution_id, request } = event;
  log.event('warn', {
    event: 'answer_not_used',
    execution_id,
    ledger_key: request.ledger_key,
    usage: own.usage,
  });
}

/**
 * Does the work and beats meanwhile, one beat at a time. A beat that throws ends the work with what it threw.
 */
async function whileBeating<Result>(
  beat: () => Promise<void>,
  everyMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stopped = new AbortController();
  let underway: Promise<void> | null = null;
  const timer = setInterval(() => {
    underway ??= beat()
      .catch((error: unknown) => stopped.abort(error))
      .finally(() => {
        underway = null;
      });
  }, everyMs);
  try {
    return await work(stopped.signal);
  } finally {
    clearInterval(timer);
    await underway;
  }
}
