import type { Usage } from '@statebag/contracts';
import { NO_USAGE, type StoreCounts } from '@statebag/state-core';

/** Ids of what an invocation worked on. */
export interface StepFacts {
  readonly execution_id: string;
  readonly action: string | null;
  readonly segment_id: string | null;
  readonly branch_path: string;
  readonly loop_counter: number;
}

/** What an invocation did outside of the store; a step adds to it while it runs. */
export interface Tally {
  ledger: { hits: number; writes: number };
  llm: Usage;
}

/** Sizes a reply was planned with. */
export interface ReplySizes {
  readonly bag_bytes: number;
  readonly control_plane_bytes: number;
}

/** The one line that each invocation prints; run reports are made of these. Ids, counts and sizes only. */
export interface StepLine extends StepFacts, Tally, ReplySizes {
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
  return { ledger: { hits: 0, writes: 0 }, llm: NO_USAGE };
}
