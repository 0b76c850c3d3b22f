import { readStepLines } from '@statebag/cost';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { definitionOfRun } from '@statebag/rollout/fork';
import { compareEnds, type SeenExecution, seenRun } from '@statebag/rollout/replay';
import type { RunRecord } from '@statebag/runs';
import type { OpenApp } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import { forkPlace, recordOf } from '../fork/fork-run.ts';
import { commandLine } from '../render/command-line.ts';
import type { Differed } from './run-and-replay.ts';

/** What two runs that have ended came to, and how many calls each of them made itself. */
export interface ComparedRuns extends Differed {
  readonly calls: { readonly left: number; readonly right: number };
}

/** Compares two runs by how they ended and by their states, field by field; their histories are their own. */
export async function compareRecorded(
  app: OpenApp,
  [left, right]: readonly [string, string],
  dataDir: string,
): Promise<ComparedRuns> {
  const place = forkPlace(app);
  const records = await Promise.all([left, right].map((run) => endedRecord(app, run, dataDir)));
  const [one, other] = records;
  if (!one || !other) throw new RangeError('two runs are compared');
  const [seen, seenOther] = [await seenRun(place, lastOf(one)), await seenRun(place, lastOf(other))];
  const { workflow } = await definitionOfRun(place, other);
  return {
    left: { execution_arn: lastOf(one).executionArn, status: seen.status },
    right: { execution_arn: lastOf(other).executionArn, status: seenOther.status },
    comparison: compareEnds(seen, seenOther, workflow),
    calls: { left: await callsOf(app, one), right: await callsOf(app, other) },
  };
}

async function endedRecord(app: OpenApp, run: string, dataDir: string): Promise<RunRecord> {
  const record = await recordOf(app, run, dataDir);
  if (record.status !== 'RUNNING') return record;
  throw new UsageError(
    `${run} goes on\n  mend: wait for its end with ${commandLine(['show', run, '--follow'], dataDir)}`,
  );
}

export function lastOf({ execution_arns, owner_id, execution_id, definition_id }: RunRecord): SeenExecution {
  return { executionArn: execution_arns.at(-1) ?? '', owner_id, execution_id, definition_id };
}

/** Outside calls that the run made and recorded itself. */
async function callsOf({ logs }: OpenApp, { execution_id }: RunRecord): Promise<number> {
  const lines = await readStepLines(logs, LOCAL_APP.logGroups, execution_id);
  return lines.reduce((sum, { ledger }) => sum + (ledger?.writes ?? 0), 0);
}
