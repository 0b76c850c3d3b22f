import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { lifecycleEvents, openRuns } from '@statebag/runs';
import { deadlineOf, type InvocationContext, type ModuleCheck, moduleCheck, type OpenApprovals, powertoolsLog, reportApprovals } from '@statebag/step-kit';
import { CLIENT_SETTINGS } from '../client-settings.ts';
import { readRunsConfig } from '../runs-config.ts';
import { type BeatCounts, beatApprovals } from './beat-approvals.ts';
import { scheduledTime } from './scheduled-time.ts';

const { table, bus } = readRunsConfig(process.env);
const deps = {
  runs: openRuns({ client: new DynamoDBClient(CLIENT_SETTINGS), table }),
  sfn: new SFNClient(CLIENT_SETTINGS),
  events: lifecycleEvents(new EventBridgeClient(CLIENT_SETTINGS), bus),
  log: powertoolsLog('state-data-manager'),
  report: (open: OpenApprovals) => reportApprovals('state-data-manager', open),
};

export async function handler(event: unknown, context: InvocationContext): Promise<BeatCounts | ModuleCheck> {
  return moduleCheck(event, context) ?? beatApprovals(deps, { now: scheduledTime(event), deadline: deadlineOf(context) });
}
