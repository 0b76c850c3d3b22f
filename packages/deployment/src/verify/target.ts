import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { type Caller, caller } from '../stage-data.ts';

/** A deployment that is looked at, on AWS or on a local cloud. */
export interface Target extends Caller {
  readonly stage: string;
  readonly region: string;
  readonly bucket: string;
  /** Name of the table of runs. */
  readonly table: string;
  /** What a run may have at work at once, as the deployment says it; empty where it says nothing. */
  readonly functionsAtOnce: string;
  /** Set for a local cloud: what only AWS has is left out. */
  readonly endpoint?: string;
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly logs: CloudWatchLogsClient;
  readonly items: DynamoDBClient;
}

export interface Place extends Pick<Target, 'stage' | 'region' | 'endpoint'> {
  /** Without it, the one that the deployed functions use. */
  readonly bucket?: string;
  /** Without them, those of the environment. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Clients for a stage, and its names. @throws where there is no such stage */
export async function openTarget(place: Place): Promise<Target> {
  const { stage, region, endpoint, credentials } = place;
  const options = {
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
  };
  const lambda = new LambdaClient(options);
  const { STATE_BUCKET: bucket, RUNS_TABLE: table, ...others } = await deployedNames(lambda, stage);
  return {
    ...place,
    ...(await caller(options)),
    bucket: place.bucket ?? bucket,
    table,
    functionsAtOnce: others.FUNCTIONS_AT_ONCE,
    lambda,
    sfn: new SFNClient(options),
    logs: new CloudWatchLogsClient(options),
    items: new DynamoDBClient(options),
    s3: new S3Client({ ...options, forcePathStyle: endpoint !== undefined }),
  };
}

/** The names that deployed functions are told. */
async function deployedNames(
  lambda: LambdaClient,
  stage: string,
): Promise<{ STATE_BUCKET: string; RUNS_TABLE: string; FUNCTIONS_AT_ONCE: string }> {
  const name = `statebag-state-data-manager-${stage}-recordStatusChange`;
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  const { STATE_BUCKET, RUNS_TABLE, FUNCTIONS_AT_ONCE = '' } = Environment?.Variables ?? {};
  if (STATE_BUCKET === undefined || RUNS_TABLE === undefined)
    throw new Error(`${name} names no bucket or no table`);
  return { STATE_BUCKET, RUNS_TABLE, FUNCTIONS_AT_ONCE };
}

export function closeTarget({ lambda, sfn, s3, logs, items }: Target): void {
  for (const client of [lambda, sfn, s3, logs, items]) client.destroy();
}

export function machineArn({ partition, region, account, stage }: Target, name: string): string {
  return `arn:${partition}:states:${region}:${account}:stateMachine:statebag-${name}-${stage}`;
}
