import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { lifecycleEvents, openRuns } from '@statebag/runs';
import { shapedError } from '@statebag/step-kit';
import { CLIENT_SETTINGS } from '../client-settings.ts';
import { readRunsConfig } from '../runs-config.ts';
import { recordStatusChange } from './record-status-change.ts';
import { statusChangeOf } from './status-change.ts';

const { table, bus } = readRunsConfig(process.env);
const deps = {
  runs: openRuns({ client: new DynamoDBClient(CLIENT_SETTINGS), table }),
  sfn: new SFNClient(CLIENT_SETTINGS),
  events: lifecycleEvents(new EventBridgeClient(CLIENT_SETTINGS), bus),
};

/** Lambda repeats a failed invocation under the same request id. */
export async function handler(event: unknown, { awsRequestId }: { readonly awsRequestId: string }): Promise<void> {
  try {
    await recordStatusChange(deps, statusChangeOf(event), { invocation: awsRequestId, now: Date.now() });
  } catch (error) {
    throw shapedError(error);
  }
}
