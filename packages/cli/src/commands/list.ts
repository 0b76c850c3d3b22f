import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { isChildName, LOCAL_APP } from '../cloud/local-app.ts';
import { openAppToRead } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';
import { durationText, table } from '../render/amounts.ts';

const MOST = 1_000;

/** `statebag list`: the runs of a data directory, newest first. */
export async function list({ json = false, dataDir }: { json?: boolean; dataDir: string }): Promise<number> {
  const app = await openAppToRead(dataDir);
  try {
    const { executions = [] } = await app.sfn.send(new ListExecutionsCommand({ stateMachineArn: LOCAL_APP.machineArn, maxResults: MOST }));
    const runs = executions
      .filter(({ name = '' }) => !isChildName(name))
      .map(({ name, status, startDate, stopDate }) => ({
        execution_id: name ?? '',
        status: status ?? '',
        started_at: startDate?.toISOString() ?? '',
        ended_at: stopDate?.toISOString() ?? null,
      }));
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
