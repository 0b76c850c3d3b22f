import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { CreateSnapshotEvent, Timestamp } from '@statebag/contracts';
import { sealedEnvelopes } from '@statebag/workflow-api';
import { LOCAL_APP } from '../cloud/local-app.ts';
import { type OpenApp, openApp, requireDataDir } from '../cloud/open-app.ts';
import { EXIT, UsageError } from '../exit.ts';
import { runExecutions } from '../run/run-executions.ts';

/** `statebag snapshot`: keeps the state of a run as it is now, to come back to with `resume --snapshot`. */
export async function snapshot(run: string, { json = false, dataDir }: { json?: boolean; dataDir: string }): Promise<number> {
  requireDataDir(dataDir);
  const app = await openApp({ dataDir });
  try {
    const address = await snapshotOf(app, run, await runExecutions(app.sfn, run, dataDir));
    process.stdout.write(json ? `${JSON.stringify({ execution_id: run, snapshot_s3_path: address })}\n` : `${address}\n`);
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

async function snapshotOf({ sfn, lambda }: OpenApp, run: string, executions: readonly string[]): Promise<string> {
  for await (const { state_data } of sealedEnvelopes(sfn, executions.at(-1) ?? '')) {
    if (state_data.next_action === 'FAILED') continue; // the state to come back to is the one before
    const now = new Date().toISOString() as Timestamp; // the one form toISOString has
    const event: CreateSnapshotEvent = { action: 'create_snapshot', state_data, snapshot_type: 'manual', now };
    const FunctionName = LOCAL_APP.functionArn('state-data-manager', 'stateDataManager');
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    const text = Payload?.transformToString() ?? '';
    if (FunctionError !== undefined) throw new Error(`no snapshot was made: ${text}`);
    return String(JSON.parse(text).snapshot_s3_path);
  }
  throw new UsageError(`${run}: has no state yet\n  mend: wait until its first segment has run`);
}
