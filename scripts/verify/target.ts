import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';

/** A deployment that is looked at, on AWS or on a local cloud. */
export interface Target {
  readonly stage: string;
  readonly region: string;
  readonly account: string;
  readonly bucket: string;
  /** Set for a local cloud: what only AWS has is left out. */
  readonly endpoint?: string;
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly logs: CloudWatchLogsClient;
}

export function openTarget(place: Pick<Target, 'stage' | 'region' | 'account' | 'bucket' | 'endpoint'>): Target {
  const { region, endpoint } = place;
  const local = endpoint === undefined ? {} : { endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const options = { region, ...local };
  return {
    ...place,
    lambda: new LambdaClient(options),
    sfn: new SFNClient(options),
    logs: new CloudWatchLogsClient(options),
    s3: new S3Client({ ...options, forcePathStyle: endpoint !== undefined }),
  };
}

export function closeTarget({ lambda, sfn, s3, logs }: Target): void {
  for (const client of [lambda, sfn, s3, logs]) client.destroy();
}

export function machineArn({ region, account, stage }: Target, name: string): string {
  return `arn:aws:states:${region}:${account}:stateMachine:statebag-${name}-${stage}`;
}
