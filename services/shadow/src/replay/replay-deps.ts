import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Runs } from '@statebag/runs';
import type { StoreProcess } from '@statebag/state-core';

/** What replaying a run takes. */
export interface ReplayDeps {
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  readonly lambda: LambdaClient;
  readonly runs: Runs;
  readonly process: StoreProcess;
  readonly bucket: string;
  /** initializeStateData: a replay begins with the bag that v3 would begin with. */
  readonly initializeArn: string;
  readonly shadowMachineArn: string;
}
