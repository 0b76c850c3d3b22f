import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { lifecycleEvents, openRuns } from '@statebag/runs';
import { type ModuleCheck, moduleCheck, shapedError } from '@statebag/step-kit';
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
export async function handler(event: unknown, context: { readonly awsRequestId: string }): Promise<ModuleCheck | undefined> {
  const probe = moduleCheck(event, context);
  if (probe) return probe;
  try {
    await recordStatusChange(deps, statusChangeOf(event), { invocation: context.awsRequestId, now: Date.now() });
    return undefined;
  } catch (error) {
    throw shapedError(error);
  }
}
