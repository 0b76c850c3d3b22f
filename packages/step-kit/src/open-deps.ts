import { placeOf, s3 } from '@statebag/aws-requests';
import { requestedObjectStore } from '@statebag/state-core/store/requested-object-store';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
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
export function openDeps(service: string, environment: Environment): StepDeps {
  return {
    config: readConfig(environment),
    process: openStore(requestedObjectStore(s3(placeOf(environment), S3_CLIENT_SETTINGS))),
    log: powertoolsLog(service),
    clock: () => performance.now(),
  };
}
