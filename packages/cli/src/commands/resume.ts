import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { ResumeBody } from '@statebag/contracts/schemas/api';
import { callApi } from '../cloud/call-api.ts';
import { type OpenApp, type OpenOptions, openApp, requireDataDir } from '../cloud/open-app.ts';
import { useProviderOf } from '../cloud/provider-in-use.ts';
import { UsageError } from '../exit.ts';
import { decisionsOf, NO_DECISIONS } from '../run/decisions.ts';
import { runExecutions } from '../run/run-executions.ts';
import { workflowOfRun } from '../run/workflow-of-run.ts';
import { fork } from './fork.ts';
import { watchRun } from './watch-run.ts';

export interface ResumeOptions extends OpenOptions {
  readonly failedItems?: boolean;
  readonly snapshot?: string;
  readonly workflow?: string;
  readonly json?: boolean;
  readonly decide?: readonly string[];
}

/**
 * `statebag resume`: a run that was interrupted continues by itself when the cloud is opened. A run that
 * failed or was stopped is started again from its last sealed bag, through the API.
 */
export async function resume(run: string, options: ResumeOptions): Promise<number> {
  const { dataDir, json = false, decide = [], workflow, snapshot, failedItems } = options;
  if (workflow !== undefined) {
    if (snapshot !== undefined || failedItems === true)
      throw new UsageError(
        '--workflow does not go with --snapshot and --failed-items\n  mend: leave these out',
      );
    return fork(run, options);
  }
  requireDataDir(dataDir);
  const app = await openApp(options);
  try {
    const executions = await runExecutions(app, run, dataDir);
    const decisions =
      decide.length === 0 ? NO_DECISIONS : decisionsOf(decide, { workflow: await workflowOfRun(app, run) });
    await useProviderOf(app, { run, execution: executions[0], options });
    const watching = { json, dataDir, decisions };
    if (await hasFailed(app, executions)) {
      await askToResume(app, run, { options, before: executions.length });
      return await watchRun(app, { ...watching, executions: await runExecutions(app, run, dataDir) });
    }
    if (options.failedItems === true || options.snapshot !== undefined)
      throw new UsageError(
        `${run}: --failed-items and --snapshot need a run that failed or was stopped
  mend: leave both options out to wait for the end of this run`,
      );
    return await watchRun(app, { ...watching, executions });
  } finally {
    await app.close();
  }
}

interface Asking {
  readonly options: ResumeOptions;
  /** How many executions the run had when it was found ended. */
  readonly before: number;
}

/**
 * Where the answer was lost, or another command was faster, the API refuses, and the run goes on all the
 * same: that is what was asked for.
 */
async function askToResume(app: OpenApp, run: string, { options, before }: Asking): Promise<void> {
  try {
    await callApi(app, `POST /runs/${encodeURIComponent(run)}/resume`, bodyOf(options));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const executions = await runExecutions(app, run, options.dataDir);
    if (executions.length === before) throw error;
  }
}

const FAILED: ReadonlySet<string> = new Set(['FAILED', 'TIMED_OUT', 'ABORTED']);

async function hasFailed({ sfn }: OpenApp, executions: readonly string[]): Promise<boolean> {
  const { status = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn: executions.at(-1) }));
  return FAILED.has(status);
}

/** The body of the request; the API checks the address. */
function bodyOf({ failedItems, snapshot }: ResumeOptions): ResumeBody {
  const body: { failed_items?: true; snapshot?: S3Uri } = {};
  if (failedItems === true) body.failed_items = true;
  if (snapshot !== undefined) body.snapshot = snapshot as S3Uri;
  return body;
}
