import { StatebagError, timestampOf } from '@statebag/contracts';
import type { OwnerId } from '@statebag/contracts/ids';
import type { StartSettings } from '@statebag/contracts/schemas/rollout';
import type { NewRun, RunRecord, Waiting } from '../run-record.ts';
import type { RunRecords } from '../run-records.ts';
import type { StartBook } from './start-book.ts';
import { limitsOf } from './start-limits.ts';
import type { WaitingRuns } from './waiting-runs.ts';

/**
 * How a run is let in: at once, at once with one of its owner's places, or after others. `wakes` says that
 * the dispatcher has to be told: nothing of this owner waited before.
 */
export type Admission =
  | { readonly way: 'at-once'; readonly counted: boolean }
  | { readonly way: 'wait'; readonly wakes: boolean };

/** Lets runs begin, or puts them to those that wait. */
export interface StartQueue {
  /** Before the run is recorded. @throws `Run.TooManyWaiting` where no more may wait */
  admit(run: Pick<NewRun, 'owner_id' | 'execution_id'>): Promise<Admission>;
  /** Takes an admission back that the run has no need of. */
  withdraw(run: RunRecord, admission: Admission): Promise<void>;
  /** The service throttled the start of a run that was let in: it waits, too. @throws `Run.TooManyWaiting` */
  throttled(run: RunRecord, admission: Admission, start_event: string): Promise<RunRecord>;
  /** Puts a recorded run into the line that was admitted to wait. */
  line(run: RunRecord, start_event: string): Promise<RunRecord>;
  waiting(start_event: string): Waiting;
  /** Has the dispatcher look at what waits. */
  wake(): Promise<void>;
}

export interface StartQueueDeps {
  readonly book: StartBook;
  readonly waiting: WaitingRuns;
  readonly runs: Pick<RunRecords, 'finishRun'>;
  /** How runs may begin, from where the process keeps it. */
  readonly settings: () => Promise<StartSettings | undefined>;
  /** Whether the dispatcher is at work: then others wait, and nobody begins before them. */
  readonly isDraining: () => Promise<boolean>;
  /** Calls the dispatcher and does not wait for it. It looks each minute by itself. */
  readonly wake: () => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** So long no start is tried in this process after one was throttled, or while others still wait. */
const CROWDED_MS = 2_000;

/**
 * The starter's side of the queue. While nothing was throttled in this process and the owner has no limit,
 * it asks nobody anything.
 */
export function startQueue(deps: StartQueueDeps): StartQueue {
  const crowd = crowdOf(deps);
  const join = (owner_id: OwnerId) => joined(deps, owner_id);
  const waiting = (start_event: string): Waiting => ({ queued_at: timestampOf(deps.now()), start_event });
  const line: StartQueue['line'] = async (run, start_event) => {
    const place = waiting(start_event);
    if (await deps.waiting.putInLine(run, place)) return { ...run, queued_at: place.queued_at };
    await deps.book.leave(run.owner_id, 1); // it ended meanwhile, or waits already
    return run;
  };
  return {
    async admit({ owner_id, execution_id }) {
      const { open_runs: limit } = limitsOf(await deps.settings(), owner_id);
      if (await crowd.is()) return { way: 'wait', wakes: await join(owner_id) };
      if (limit === undefined) return { way: 'at-once', counted: false };
      const counted = await deps.book.takeAhead(owner_id, execution_id, { now: deps.now(), limit });
      return counted ? { way: 'at-once', counted } : { way: 'wait', wakes: await join(owner_id) };
    },
    async withdraw({ owner_id, execution_id, status }, admission) {
      if (admission.way === 'wait') await deps.book.leave(owner_id, 1);
      else if (admission.counted && status !== 'RUNNING') await deps.book.give(owner_id, execution_id);
    },
    async throttled(run, admission, start_event) {
      crowd.begin();
      const { owner_id, execution_id } = run;
      if (admission.way === 'at-once' && admission.counted) await deps.book.give(owner_id, execution_id);
      const wakes = await join(owner_id).catch((error: unknown) => refused(deps, run, error));
      const waits = await line(run, start_event);
      if (wakes) await deps.wake();
      return waits;
    },
    line,
    waiting,
    wake: deps.wake,
  };
}

/** Whether starts are throttled, as far as this process has seen. */
function crowdOf({ now, isDraining }: Pick<StartQueueDeps, 'now' | 'isDraining'>) {
  let until: number | undefined;
  return {
    begin() {
      until = now() + CROWDED_MS;
    },
    async is() {
      if (until === undefined || now() < until) return until !== undefined;
      until = (await isDraining()) ? now() + CROWDED_MS : undefined;
      return until !== undefined;
    },
  };
}

/** True where nothing of the owner waited before. */
async function joined(
  { book, settings, now }: Pick<StartQueueDeps, 'book' | 'settings' | 'now'>,
  owner_id: OwnerId,
): Promise<boolean> {
  const { waiting: most } = limitsOf(await settings(), owner_id);
  const answer = await book.join(owner_id, { now: now(), most });
  if (answer.joined) return answer.waiting === 1;
  throw new StatebagError('Run.TooManyWaiting', `${most} runs of this owner wait to begin; no more may`);
}

/** A run that could neither begin nor wait does not stand as one that runs. */
async function refused({ runs, now }: StartQueueDeps, run: RunRecord, error: unknown): Promise<never> {
  const { execution_id, execution_arns, idempotency_key } = run;
  const execution_arn = execution_arns.at(-1);
  // under a key the same start comes again, and is this run
  if (idempotency_key === undefined && execution_arn !== undefined)
    await runs.finishRun(execution_id, {
      execution_arn,
      status: 'FAILED',
      error: 'Run.TooManyWaiting',
      ended_at: timestampOf(now()),
    });
  throw error;
}
