import { readFile } from 'node:fs/promises';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import type { Usage } from '@statebag/contracts/schemas/history';
import type { CallMade } from './answers.ts';

/** A run that was recorded as a fixture: what it was given from outside, and how it went. One JSON file. */
export interface Fixture {
  readonly fixture_version: 1;
  readonly execution_id: string;
  /** What expressions take as the time of the run. */
  readonly start_time: string;
  /** The definition, as the run had it. */
  readonly workflow: JsonObject;
  readonly input: JsonObject;
  readonly calls: readonly RecordedCall[];
  readonly decisions: readonly RecordedDecision[];
  readonly recorded: Recorded;
  /** Places of the input and of answers where another value stands now. */
  readonly replaced: readonly string[];
}

/** An outside call, and what came of it: a result of the ledger, or the failure of its last attempt. */
export interface RecordedCall extends Pick<CallMade, 'node' | 'loop' | 'item' | 'branch' | 'kind'> {
  readonly result?: JsonObject;
  readonly usage?: Usage;
  readonly error?: string;
  readonly message?: string;
}

/** What a person said; no choice where nobody answered before the deadline. */
export interface RecordedDecision {
  readonly node: string;
  readonly branch: string;
  readonly loop_counter: number;
  readonly choice: string | null;
  readonly comment?: string;
  readonly data?: Json;
}

/** How the recorded run went. */
export interface Recorded {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly error: string | null;
  readonly path: readonly string[];
  /** The node that failed it, and why: its ledger does not tell of every failure. */
  readonly failed: { readonly node: string; readonly error: string; readonly message: string } | null;
}

/** Reads a fixture. @throws Error for a file that is none */
export async function readFixture(at: string | URL): Promise<Fixture> {
  const value: unknown = JSON.parse(await readFile(at, 'utf8'));
  if (isJsonObject(value) && value['fixture_version'] === 1) return value as unknown as Fixture; // `statebag replay --record` wrote it
  throw new Error(
    `${String(at)}: not a fixture of this version; make it with statebag replay <run> --record <file>`,
  );
}
