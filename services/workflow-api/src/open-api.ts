import { SFNClient } from '@aws-sdk/client-sfn';
import { dynamoDb, placeOf, s3 } from '@statebag/aws-requests';
import { type Runs, runsOver } from '@statebag/runs';
import { requestedObjectStore } from '@statebag/state-core/store/requested-object-store';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { openStore, type StoreProcess } from '@statebag/state-core/store/store-session';
import { type ApiConfig, readApiConfig } from './api-config.ts';
import type { ApiDeps } from './http/api-handler.ts';
import { stderrLog } from './http/api-log.ts';

/** What the routes work with. */
export interface Api extends ApiDeps, ApiConfig {
  readonly runs: Runs;
  readonly sfn: SFNClient;
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
  const place = placeOf(environment);
  return {
    ...config,
    runs: runsOver({ ...config, items: dynamoDb(place, S3_CLIENT_SETTINGS) }),
    sfn: new SFNClient({}),
    process: openStore(requestedObjectStore(s3(place, S3_CLIENT_SETTINGS))),
    log: stderrLog,
    clock: () => performance.now(),
    now: Date.now,
  };
}
