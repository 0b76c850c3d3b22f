import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { openRuns, type Runs } from '@statebag/runs';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openStore, type StoreProcess } from '@statebag/state-core/store/store-session';
import { type ApiConfig, readApiConfig } from './api-config.ts';
import type { ApiDeps } from './http/api-handler.ts';
import { stderrLog } from './http/api-log.ts';

/** What the routes work with. */
export interface Api extends ApiDeps, ApiConfig {
  readonly runs: Runs;
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly process: StoreProcess;
  /** The time of day, in milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Clients and configuration of a function: made once, at cold start. What only one function needs, it opens
 * itself: what is bundled is parsed at every cold start.
 */
export function openApi(environment: Readonly<Record<string, string | undefined>>): Api {
  const config = readApiConfig(environment);
  const s3 = new S3Client(S3_CLIENT_SETTINGS);
  return {
    ...config,
    runs: openRuns({ ...config, client: new DynamoDBClient({}) }),
    sfn: new SFNClient({}),
    s3,
    process: openStore(s3ObjectStore(s3)),
    log: stderrLog,
    clock: () => performance.now(),
    now: Date.now,
  };
}
