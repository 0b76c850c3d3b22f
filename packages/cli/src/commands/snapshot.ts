import { InvokeCommand } from '@aws-sdk/client-lambda';
import { timestampOf } from '@statebag/contracts';
import type { CreateSnapshotEvent } from '@statebag/contracts/schemas/actions';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { sealedEnvelopes } from '@statebag/runs/history';
import { type OpenApp, type OpenOptions, openApp, requireDataDir } from '../cloud/open-app.ts';
import { EXIT, UsageError } from '../exit.ts';
import { runExecutions } from '../run/run-executions.ts';

/** `statebag snapshot`: keeps the state of a run as it is now, to come back to with `resume --snapshot`. */
export async function snapshot(
  run: string,
  options: OpenOptions & { readonly json?: boolean },
): Promise<number> {
  const { json = false, dataDir } = options;
  requireDataDir(dataDir);
  const app = await openApp(options);
  try {
    const address = await snapshotOf(app, run, await runExecutions(app, run, dataDir));
    process.stdout.write(
      json ? `${JSON.stringify({ execution_id: run, snapshot_s3_path: address })}\n` : `${address}\n`,
    );
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

async function snapshotOf(
  { sfn, lambda }: OpenApp,
  run: string,
  executions: readonly string[],
): Promise<string> {
  for await (const { state_data } of sealedEnvelopes(sfn, executions.at(-1) ?? '')) {
    if (state_data.next_action === 'FAILED') continue; // the state to come back to is the one before
    const now = timestampOf(Date.now());
    const event: CreateSnapshotEvent = {
      action: 'create_snapshot',
      state_data,
      snapshot_type: 'manual',
      now,
    };
    const FunctionName = LOCAL_APP.functionArn('state-data-manager', 'stateDataManager');
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    const text = Payload?.transformToString() ?? '';
    if (FunctionError !== undefined) throw new Error(`no snapshot was made: ${text}`);
    return String(JSON.parse(text).snapshot_s3_path);
  }
  throw new UsageError(`${run}: has no state yet\n  mend: wait until its first segment has run`);
}
