import type { EndedRun } from '@statebag/runs';

/**
 * What the ended runs of one generation come to. Means and medians are null where there is nothing to take
 * them of.
 */
export interface SideFigures {
  /** Ends that count: a run that somebody cancelled or stopped says nothing about its generation. */
  readonly runs: number;
  readonly failed: number;
  readonly error_rate: number | null;
  readonly median_ms: number | null;
  readonly tokens_usd: number | null;
  /** Runs that were run again on v3, and those that came to something else. */
  readonly compared: number;
  readonly diverged: number;
  readonly divergence: number | null;
  /** The newest divergence. */
  readonly diverged_where: string | null;
}

const STOPPED: ReadonlySet<string> = new Set(['CANCELLED', 'ABORTED']);

/** Ends newest first. */
export function figuresOf(ends: readonly EndedRun[]): SideFigures {
  const counted = ends.filter(({ status }) => !STOPPED.has(status));
  const failed = counted.filter(({ status }) => status !== 'SUCCEEDED').length;
  const compared = ends.flatMap(({ divergence }) => divergence ?? []);
  const different = compared.flatMap((divergence) => (divergence.same ? [] : [divergence.where]));
  return {
    runs: counted.length,
    failed,
    error_rate: share(failed, counted.length),
    median_ms: median(
      counted.map(({ started_at, ended_at }) => Date.parse(ended_at) - Date.parse(started_at)),
    ),
    tokens_usd: scaled(mean(counted.flatMap(({ tokens_nano_usd }) => tokens_nano_usd ?? []))),
    compared: compared.length,
    diverged: different.length,
    divergence: share(different.length, compared.length),
    diverged_where: different[0] ?? null,
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0) / values.length;
}

function scaled(nano: number | null): number | null {
  return nano === null ? null : nano / 1e9;
}

/** The middle value: one run that waits a week for a person must not decide. */
function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
