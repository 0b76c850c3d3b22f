import type { Usage } from '@statebag/contracts/schemas/history';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';

/** Ids of what an invocation worked on. */
export interface StepFacts {
  /** Null where an event belongs to no run, or does not say to which. */
  readonly execution_id: string | null;
  readonly action: string | null;
  readonly segment_id: string | null;
  readonly branch_path: string;
  readonly loop_counter: number;
}

/** What an invocation did outside of the store, and what its bag takes; a step tells it while it runs. */
export interface Tally {
  ledger: { hits: number; writes: number };
  llm: Usage;
  /** 0 where no bag was sealed. */
  bag_bytes: number;
  control_plane_bytes: number;
}

/** The one line that each invocation prints; run reports are made of these. Ids, counts and sizes only. */
export interface StepLine extends StepFacts, Readonly<Tally> {
  readonly statebag: 'step';
  readonly function: string;
  /** `ok`, or the name of the error. */
  readonly outcome: string;
  readonly duration_ms: number;
  readonly event_bytes: number;
  /** 0 where there was no reply. */
  readonly reply_bytes: number;
  /** Earlier tries of the task, where its event tells them. */
  readonly retries: number;
  /** Uncompressed bytes of the objects that were read, cached ones too. */
  readonly hydrated_bytes: number;
  readonly s3: Omit<StoreCounts, 'hydrated_bytes'>;
}

export function newTally(): Tally {
  return { ledger: { hits: 0, writes: 0 }, llm: NO_USAGE, bag_bytes: 0, control_plane_bytes: 0 };
}
