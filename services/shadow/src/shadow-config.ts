import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { ReplayDeps } from '@statebag/rollout/replay';
import { openRuns } from '@statebag/runs';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openStore } from '@statebag/state-core/store/store-session';
import { matching } from '@statebag/step-kit';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Clients and configuration of the functions that begin and judge replays. @throws `Contract.Misconfigured`
 * naming the variable
 */
export function openReplays(environment: Environment): ReplayDeps {
  const s3 = new S3Client(S3_CLIENT_SETTINGS);
  return {
    s3,
    sfn: new SFNClient({}),
    lambda: new LambdaClient({}),
    runs: openRuns({
      client: new DynamoDBClient({}),
      table: matching(environment, 'RUNS_TABLE', /^[A-Za-z0-9_.-]{3,255}$/),
    }),
    process: openStore(s3ObjectStore(s3)),
    bucket: matching(environment, 'STATE_BUCKET', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    initializeArn: matching(environment, 'INITIALIZE_STATE_DATA_ARN', /^arn:[a-z0-9-]+:lambda:.+$/),
    shadowMachineArn: matching(
      environment,
      'SHADOW_MACHINE_ARN',
      /^arn:[a-z0-9-]+:states:.+:stateMachine:.+$/,
    ),
  };
}
