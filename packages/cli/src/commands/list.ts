import { isStatebagError } from '@statebag/contracts';
import { causeText } from '@statebag/contracts/cause-text';
import { isId, ownerId } from '@statebag/contracts/ids';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { everyRun, type RunFilter, type RunRecord, runFilterOf } from '@statebag/runs';
import type { RunFilterName } from '@statebag/runs/filters';
import { type OpenApp, openAppToRead } from '../cloud/open-app.ts';
import { EXIT, UsageError } from '../exit.ts';
import { durationText, table } from '../render/amounts.ts';
import { commandLine } from '../render/command-line.ts';
import { standsStillText } from '../render/run-text.ts';
import { whereRecorded } from '../run/run-executions.ts';

export interface ListOptions
  extends Partial<Readonly<Record<Exclude<RunFilterName, 'workflow_id'>, string>>> {
  readonly workflow?: string;
  readonly owner?: string;
  readonly limit: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** `statebag list`: the runs of a data directory, newest first. */
export async function list({ json = false, dataDir, ...options }: ListOptions): Promise<number> {
  const wanted = wantedRuns(options);
  const app = await openAppToRead(dataDir);
  try {
    const found = await runsOf(app, wanted);
    const runs = found.slice(0, wanted.most).map((run) => listed(run, app.attached));
    process.stdout.write(
      json ? `${JSON.stringify(runs, null, 2)}\n` : `${table(runs.map((run) => rowOf(run, dataDir)))}\n`,
    );
    if (found.length > runs.length)
      process.stderr.write(`there are more than these ${runs.length}; list more with --limit or --all\n`);
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

interface Wanted {
  readonly owner: string;
  readonly filter: RunFilter;
  readonly most: number;
}

/** @throws UsageError naming the option that does not fit */
function wantedRuns({
  limit,
  all = false,
  owner = LOCAL_APP.owner,
  workflow: workflow_id,
  status,
  since,
  until,
}: Omit<ListOptions, 'json' | 'dataDir'>): Wanted {
  const most = all ? Number.POSITIVE_INFINITY : Number(limit);
  if (!all && (!/^\d{1,9}$/.test(limit) || most < 1))
    throw new UsageError(`--limit ${limit}: not a whole number above 0`);
  if (!isId(owner)) throw new UsageError(`--owner ${owner}: not the id of an owner`);
  try {
    return { owner, most, filter: runFilterOf({ status, workflow_id, since, until }) };
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    throw new UsageError(
      `list: ${error.message}\n  mend: ${commandLine(['list', '--help'])} says what each filter takes`,
    );
  }
}

/** As many as are wanted, and one more where there are more. */
async function runsOf(app: OpenApp, { owner, filter, most }: Wanted): Promise<RunRecord[]> {
  const found: RunRecord[] = [];
  await whereRecorded(async () => {
    for await (const run of everyRun(app, ownerId(owner), filter)) if (found.push(run) > most) return;
  });
  return found;
}

interface ListedRun {
  readonly execution_id: string;
  readonly status: string;
  readonly started_at: string;
  /** Since when it waits to begin; null once it has begun. */
  readonly queued_at: string | null;
  readonly ended_at: string | null;
  readonly workflow_id: string;
  readonly generation: string;
  readonly error: string | null;
  readonly cause: string | null;
  /** Whether a process runs it now; a RUNNING run without one stands still. */
  readonly held: boolean;
}

function listed(
  {
    execution_id,
    status,
    started_at,
    queued_at,
    ended_at = undefined,
    workflow_id,
    generation,
    error,
    cause,
  }: RunRecord,
  attached: boolean,
): ListedRun {
  const failed = status === 'SUCCEEDED' || status === 'RUNNING' ? null : (error ?? null);
  return {
    execution_id,
    status,
    started_at,
    queued_at: queued_at ?? null,
    ended_at: ended_at ?? null,
    workflow_id,
    generation,
    error: failed,
    cause: failed === null || cause === undefined ? null : causeText(cause),
    held: status === 'RUNNING' && attached,
  };
}

const MOST_SHOWN = 100;

function rowOf(
  { execution_id, status, started_at, queued_at, ended_at, error, cause, held }: ListedRun,
  dataDir: string,
): string[] {
  if (queued_at !== null) return [execution_id, status, started_at, '', 'waits to begin'];
  if (status === 'RUNNING' && !held)
    return [execution_id, status, started_at, '', standsStillText(execution_id, dataDir)];
  const took = ended_at === null ? '' : durationText(Date.parse(ended_at) - Date.parse(started_at));
  const [first = ''] = (cause ?? '').split('\n');
  const why = first.length > MOST_SHOWN ? `${first.slice(0, MOST_SHOWN)}…` : first;
  return [execution_id, status, started_at, took, [error, why].filter(Boolean).join(': ')];
}
