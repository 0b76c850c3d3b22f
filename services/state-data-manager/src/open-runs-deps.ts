import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { type LifecycleEvents, largeOwnersIn, lifecycleEvents, openRuns, type Runs } from '@statebag/runs';
import { type Environment, matching } from '@statebag/step-kit';

/** What the functions that keep the table `runs` work with. */
export interface RunsDeps {
  readonly runs: Runs;
  readonly sfn: SFNClient;
  readonly events: LifecycleEvents;
}

/**
 * How these functions talk to AWS: a connection that stays silent is given up and tried again, well within
 * any function's deadline.
 */
const CLIENT_SETTINGS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/** All of that, once at cold start. @throws `Contract.Misconfigured` naming the variable */
export function openRunsDeps(environment: Environment): RunsDeps {
  const place = { table: runsTable(environment), largeOwners: largeOwnersIn(environment) };
  const bus = matching(environment, 'EVENT_BUS', /^[A-Za-z0-9/_.-]{1,256}$/);
  return {
    runs: openRuns({ client: new DynamoDBClient(CLIENT_SETTINGS), ...place }),
    sfn: new SFNClient(CLIENT_SETTINGS),
    events: lifecycleEvents(new EventBridgeClient(CLIENT_SETTINGS), bus),
  };
}

/** @throws `Contract.Misconfigured` */
export function runsTable(environment: Environment): string {
  return matching(environment, 'RUNS_TABLE', /^[A-Za-z0-9_.-]{3,255}$/);
}
