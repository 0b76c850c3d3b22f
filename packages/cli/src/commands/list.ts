import { DescribeExecutionCommand, type ExecutionListItem, ListExecutionsCommand, type SFNClient, StateMachineDoesNotExist } from '@aws-sdk/client-sfn';
import { isChildName, LOCAL_APP } from '../cloud/local-app.ts';
import { openAppToRead } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';
import { durationText, table } from '../render/amounts.ts';
import { runIdOf } from '../run/run-executions.ts';
import { runStatus } from '../run/run-status.ts';

const MOST = 1_000;

/** `statebag list`: the runs of a data directory, newest first. */
export async function list({ json = false, dataDir }: { json?: boolean; dataDir: string }): Promise<number> {
  const app = await openAppToRead(dataDir);
  try {
    const runs = await Promise.all(runsOf(await executionsIn(app.sfn)).map((run) => asTheApiSaysIt(app.sfn, run)));
    process.stdout.write(
      json
        ? `${JSON.stringify(runs, null, 2)}\n`
        : `${table(runs.map(({ execution_id, status, started_at, ended_at }) => [execution_id, status, started_at, ended_at === null ? '' : durationText(Date.parse(ended_at) - Date.parse(started_at))]))}\n`,
    );
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

/** Where nothing was deployed yet, nothing ran. */
async function executionsIn(sfn: SFNClient): Promise<ExecutionListItem[]> {
  try {
    return (await sfn.send(new ListExecutionsCommand({ stateMachineArn: LOCAL_APP.machineArn, maxResults: MOST }))).executions ?? [];
  } catch (error) {
    if (error instanceof StateMachineDoesNotExist) return [];
    throw error;
  }
}

/** Only an aborted execution may be a cancelled run, and only its description tells. */
async function asTheApiSaysIt(sfn: SFNClient, { last_arn, ...run }: FoundRun): Promise<ListedRun> {
  return run.status === 'ABORTED' ? { ...run, status: runStatus(await sfn.send(new DescribeExecutionCommand({ executionArn: last_arn }))) } : run;
}

interface ListedRun {
  readonly execution_id: string;
  readonly status: string;
  readonly started_at: string;
  readonly ended_at: string | null;
}

interface FoundRun extends ListedRun {
  readonly last_arn: string | undefined;
}

/** A run once, however often it was resumed: begun with its first execution, and as its last one is. Newest first. */
function runsOf(executions: readonly ExecutionListItem[]): FoundRun[] {
  const own = executions.filter(({ name = '' }) => !isChildName(name));
  const byRun = Map.groupBy(own, ({ executionArn = '' }) => runIdOf(executionArn));
  return [...byRun].map(([execution_id, [last, ...earlier]]) => ({
    execution_id,
    status: last?.status ?? '',
    started_at: (earlier.at(-1) ?? last)?.startDate?.toISOString() ?? '',
    ended_at: last?.stopDate?.toISOString() ?? null,
    last_arn: last?.executionArn,
  }));
}
