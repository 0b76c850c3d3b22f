import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { dynamoDb, placeOf, s3 } from '@statebag/aws-requests';
import type { ReplayDeps } from '@statebag/rollout/replay';
import { runsOver } from '@statebag/runs';
import { requestedObjectStore } from '@statebag/state-core/store/requested-object-store';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { openStore } from '@statebag/state-core/store/store-session';
import { matching } from '@statebag/step-kit';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Clients and configuration of the functions that begin and judge replays. @throws `Contract.Misconfigured`
 * naming the variable
 */
export function openReplays(environment: Environment): ReplayDeps {
  const place = placeOf(environment);
  return {
    s3: new S3Client(S3_CLIENT_SETTINGS),
    sfn: new SFNClient({}),
    lambda: new LambdaClient({}),
    runs: runsOver({
      items: dynamoDb(place, S3_CLIENT_SETTINGS),
      table: matching(environment, 'RUNS_TABLE', /^[A-Za-z0-9_.-]{3,255}$/),
    }),
    process: openStore(requestedObjectStore(s3(place, S3_CLIENT_SETTINGS))),
    bucket: matching(environment, 'STATE_BUCKET', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    initializeArn: matching(environment, 'INITIALIZE_STATE_DATA_ARN', /^arn:[a-z0-9-]+:lambda:.+$/),
    shadowMachineArn: matching(
      environment,
      'SHADOW_MACHINE_ARN',
      /^arn:[a-z0-9-]+:states:.+:stateMachine:.+$/,
    ),
  };
}
