import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { ResumeBody, S3Uri } from '@statebag/contracts';
import { callApi } from '../cloud/call-api.ts';
import { type OpenApp, openApp, requireDataDir } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import { runExecutions } from '../run/run-executions.ts';
import { watchRun } from '../run/watch-run.ts';

export interface ResumeOptions {
  readonly failedItems?: boolean;
  readonly snapshot?: string;
  readonly providerUrl?: string;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** `statebag resume`: what was under way goes on as soon as the cloud is opened; a run that failed or was stopped is begun again where it was. */
export async function resume(run: string, options: ResumeOptions): Promise<number> {
  const { dataDir, providerUrl, json = false } = options;
  requireDataDir(dataDir);
  const app = await openApp({ dataDir, providerUrl });
  try {
    const executions = await runExecutions(app.sfn, run, dataDir);
    if (await hasFailed(app, executions)) {
      await callApi(app, `POST /runs/${encodeURIComponent(run)}/resume`, bodyOf(options));
      return await watchRun(app, { executions: await runExecutions(app.sfn, run, dataDir), json });
    }
    if (options.failedItems === true || options.snapshot !== undefined)
      throw new UsageError(
        `${run}: only a run that failed or was stopped can be taken back\n  mend: without --failed-items and --snapshot this waits for its end`,
      );
    return await watchRun(app, { executions, json });
  } finally {
    await app.close();
  }
}

const FAILED: ReadonlySet<string> = new Set(['FAILED', 'TIMED_OUT', 'ABORTED']);

async function hasFailed({ sfn }: OpenApp, executions: readonly string[]): Promise<boolean> {
  const { status = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn: executions.at(-1) }));
  return FAILED.has(status);
}

function bodyOf({ failedItems, snapshot }: ResumeOptions): ResumeBody {
  return { ...(failedItems === true && { failed_items: true }), ...(snapshot !== undefined && { snapshot: snapshot as S3Uri }) }; // the API checks it
}
