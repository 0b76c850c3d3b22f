import { ExecutionDoesNotExist } from '@aws-sdk/client-sfn';
import { executionArnOf } from '../cloud/local-app.ts';
import { openApp, requireDataDir } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import { watchRun } from '../run/watch-run.ts';

/** `statebag resume`: the cloud takes up what was under way as soon as it is opened; this waits for the run and reports it. */
export async function resume(run: string, { json = false, dataDir }: { json?: boolean; dataDir: string }): Promise<number> {
  requireDataDir(dataDir);
  const app = await openApp({ dataDir });
  try {
    return await watchRun(app, { executionArn: executionArnOf(run), json });
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist)
      throw new UsageError(`${run}: no such run in ${dataDir}\n  mend: statebag list shows the runs of a data directory`);
    throw error;
  } finally {
    await app.close();
  }
}
