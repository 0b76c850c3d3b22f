import { lineageOf } from '@statebag/contracts/fork-lineage';
import { ownerId } from '@statebag/contracts/ids';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import type { RunRecord } from '@statebag/runs';
import { requireDataDir } from '../cloud/open-app.ts';
import { EXIT, UsageError } from '../exit.ts';
import { bytesText, countText } from '../render/amounts.ts';
import { commandLine } from '../render/command-line.ts';
import { openPruning } from '../run/prune-runs.ts';

export interface PruneOptions {
  readonly olderThan?: string;
  readonly keep?: string;
  readonly status?: string;
  readonly workflow?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** `statebag prune`: removes runs that have ended from this machine, and says what that frees. */
export async function prune(options: PruneOptions): Promise<number> {
  const wanted = wantedOf(options);
  const { dataDir, dryRun = false, json = false } = options;
  requireDataDir(dataDir);
  const pruning = await openPruning(dataDir);
  try {
    const all = await pruning.runs(ownerId(LOCAL_APP.owner));
    const runs = withoutSharedPast(chosen(all, wanted), all);
    const pruned = dryRun ? await pruning.weigh(runs) : await pruning.remove(runs);
    const report = {
      dry_run: dryRun,
      runs: pruned.runs.map(({ execution_id }) => execution_id),
      bytes: pruned.bytes,
    };
    process.stdout.write(
      json ? `${JSON.stringify(report)}\n` : reportText(pruned.runs, { ...report, dataDir }),
    );
    return EXIT.succeeded;
  } finally {
    await pruning.close();
  }
}

interface Wanted {
  /** Only runs that had ended by then. */
  readonly endedBefore: number;
  /** Of those that fit, so many of the newest stay. */
  readonly keep: number;
  readonly status?: string | undefined;
  readonly workflow?: string | undefined;
}

const ENDED: readonly string[] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'CANCELLED'];
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** @throws UsageError where nothing says which runs, or what does not fit */
function wantedOf({ olderThan, keep, status, workflow }: PruneOptions): Wanted {
  if (olderThan === undefined && keep === undefined && status === undefined)
    throw new UsageError(
      'prune: nothing says which runs\n  mend: give --older-than 30d, --keep 100 or --status FAILED; --dry-run only lists',
    );
  if (status !== undefined && !ENDED.includes(status))
    throw new UsageError(
      `--status ${status}: no status of a run that has ended\n  mend: give ${ENDED.join(', ')}`,
    );
  if (keep !== undefined && !/^\d{1,9}$/.test(keep))
    throw new UsageError(
      `--keep ${keep}: not a number of runs\n  mend: give a whole number, as in --keep 100`,
    );
  const age = olderThan === undefined ? 0 : ageOf(olderThan);
  return { endedBefore: Date.now() - age, keep: Number(keep ?? 0), status, workflow };
}

function ageOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined && (unit === 'm' || unit === 'h' || unit === 'd'))
    return Number(count) * UNITS[unit];
  throw new UsageError(
    `--older-than ${text}: not an age\n  mend: give minutes, hours or days: 90m, 12h, 30d`,
  );
}

/** Newest first, as they are listed. A run that is under way or waits has not ended and never fits. */
function chosen(runs: readonly RunRecord[], { endedBefore, keep, status, workflow }: Wanted): RunRecord[] {
  const fitting = runs.filter(
    (run) =>
      ENDED.includes(run.status) &&
      (status === undefined || run.status === status) &&
      (workflow === undefined || run.workflow_id === workflow),
  );
  return fitting.slice(keep).filter((run) => Date.parse(run.ended_at ?? run.started_at) <= endedBefore);
}

/** What a run that stays was forked from stays with it: it reads what that one keeps. */
export function withoutSharedPast(chosen: readonly RunRecord[], all: readonly RunRecord[]): RunRecord[] {
  const going = new Set(chosen.map(({ execution_id }) => execution_id));
  const needed = new Set(
    all
      .filter(({ execution_id }) => !going.has(execution_id))
      .flatMap(({ execution_id }) => lineageOf(execution_id).slice(1)),
  );
  return chosen.filter(({ execution_id }) => !needed.has(execution_id));
}

interface Reported {
  readonly dry_run: boolean;
  readonly bytes: number;
  readonly dataDir: string;
}

function reportText(runs: readonly RunRecord[], { dry_run, bytes, dataDir }: Reported): string {
  const lines = runs.map(
    ({ execution_id, status, started_at }) => `${execution_id}  ${status}  ${started_at}\n`,
  );
  const count = countText(runs.length, 'run');
  const end = dry_run
    ? `${count} would be removed, with ${bytesText(bytes)} of objects; nothing was. All runs: ${commandLine(['list'], dataDir)}`
    : `${count} removed; ${bytesText(bytes)} are free again`;
  return `${lines.join('')}${end}\n`;
}
