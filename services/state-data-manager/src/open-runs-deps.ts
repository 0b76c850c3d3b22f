import { SFNClient } from '@aws-sdk/client-sfn';
import { dynamoDb, eventBridge, placeOf } from '@statebag/aws-requests';
import { type LifecycleEvents, largeOwnersIn, lifecycleEvents, type Runs, runsOver } from '@statebag/runs';
import { type Environment, matching } from '@statebag/step-kit';

/** Where runs are recorded, and where their ends are told. */
export interface RecordDeps {
  readonly runs: Runs;
  readonly events: LifecycleEvents;
}

/** The same, for functions that answer tasks. */
export interface RunsDeps extends RecordDeps {
  readonly sfn: SFNClient;
}

/**
 * How these functions talk to AWS: a connection that stays silent is given up and tried again, well within
 * any function's deadline.
 */
export const CLIENT_SETTINGS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/** Once at cold start. @throws `Contract.Misconfigured` naming the variable */
export function openRecordDeps(environment: Environment): RecordDeps {
  const place = placeOf(environment);
  const table = { table: runsTable(environment), largeOwners: largeOwnersIn(environment) };
  const bus = matching(environment, 'EVENT_BUS', /^[A-Za-z0-9/_.-]{1,256}$/);
  return {
    runs: runsOver({ items: dynamoDb(place, CLIENT_SETTINGS), ...table }),
    events: lifecycleEvents(eventBridge(place, CLIENT_SETTINGS), bus),
  };
}

/** Once at cold start. @throws `Contract.Misconfigured` naming the variable */
export function openRunsDeps(environment: Environment): RunsDeps {
  return { ...openRecordDeps(environment), sfn: new SFNClient(CLIENT_SETTINGS) };
}

/** @throws `Contract.Misconfigured` */
export function runsTable(environment: Environment): string {
  return matching(environment, 'RUNS_TABLE', /^[A-Za-z0-9_.-]{3,255}$/);
}
