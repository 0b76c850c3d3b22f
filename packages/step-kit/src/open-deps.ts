import { S3Client } from '@aws-sdk/client-s3';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openStore, type StoreProcess } from '@statebag/state-core/store/store-session';
import { type Environment, readConfig, type StepConfig } from './read-config.ts';
import { powertoolsLog, type StepLog } from './step-log.ts';

/** What a process gives its steps. */
export interface StepDeps {
  readonly config: StepConfig;
  readonly process: StoreProcess;
  readonly log: StepLog;
  /** Monotonic milliseconds, for durations only. */
  readonly clock: () => number;
}

/**
 * All of that for a deployed function, once at cold start.
 * @throws `Contract.Misconfigured` naming the variable
 */
export function openDeps(
  service: string,
  environment: Environment,
  s3: S3Client = new S3Client(S3_CLIENT_SETTINGS),
): StepDeps {
  return {
    config: readConfig(environment),
    process: openStore(s3ObjectStore(s3)),
    log: powertoolsLog(service),
    clock: () => performance.now(),
  };
}
