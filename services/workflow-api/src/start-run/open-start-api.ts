import { dynamoDb, placeOf, s3, ssm, stepFunctions } from '@statebag/aws-requests';
import { type ReadSettings, rememberedSettings, settingsOver } from '@statebag/rollout';
import { type Runs, runsOver } from '@statebag/runs';
import { type StartQueue, startQueue, wakerOf } from '@statebag/runs/queue';
import { type ReadRoutes, readRoutes, rememberedRoutes, type Starts } from '@statebag/runs/start';
import { requestedObjectStore } from '@statebag/state-core/store/requested-object-store';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { openStore, type StoreProcess } from '@statebag/state-core/store/store-session';
import { deployedNodes, type OpenOwnNodes } from '@statebag/workflow';
import { type ApiConfig, readApiConfig } from '../api-config.ts';
import type { ApiDeps } from '../http/api-handler.ts';
import { stderrLog } from '../http/api-log.ts';

/** What runs are started with. */
export interface StartApi extends ApiDeps, ApiConfig {
  readonly runs: Runs;
  readonly starts: Starts;
  readonly process: StoreProcess;
  /** On which generation runs begin now. */
  readonly rollout: ReadSettings;
  /** Where the aliases of the machines lead now. */
  readonly routes: ReadRoutes;
  /** Where runs wait that may not begin now. */
  readonly queue: StartQueue;
  /** The node types that this deployment brings, whoever asks. */
  readonly nodes: OpenOwnNodes;
  readonly uploads: Uploads;
  /** The time of day, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Says whether an object is there. @throws Error `NotFound` where it is not */
export interface Uploads {
  headObject(of: { readonly Bucket: string; readonly Key: string }): Promise<unknown>;
}

/** All of that, once at cold start. @throws `Contract.Misconfigured` naming the variable */
export function openStartApi(environment: Readonly<Record<string, string | undefined>>): StartApi {
  const [config, place] = [readApiConfig(environment), placeOf(environment)];
  const clock = () => performance.now();
  const uploads = s3(place, S3_CLIENT_SETTINGS);
  const patient = stepFunctions(place, S3_CLIENT_SETTINGS);
  // what the service does not take at once waits in the queue, not in its caller's request
  const { startExecution } = stepFunctions(place, { ...S3_CLIENT_SETTINGS, maxAttempts: 1 });
  const starts: Starts = { ...patient, startExecution };
  const parameters = ssm(place, S3_CLIENT_SETTINGS);
  const runs = runsOver({ ...config, items: dynamoDb(place, S3_CLIENT_SETTINGS) });
  const rollout = rememberedSettings(() => settingsOver(parameters, config.rolloutParameter), clock);
  const wake = wakerOf(config.startDispatcher);
  return {
    ...config,
    runs,
    starts,
    uploads,
    process: openStore(requestedObjectStore(uploads)),
    rollout,
    queue: startQueue({
      book: runs.starts,
      waiting: runs.waiting,
      runs,
      settings: async () => (await rollout()).starts,
      isDraining: () => runs.startsLease.isHeld(Date.now()),
      wake: () => wake().catch(notWoken),
      now: Date.now,
    }),
    routes: rememberedRoutes(readRoutes(starts), clock),
    nodes: deployedNodes(config.ownNodes),
    log: stderrLog,
    clock,
    now: Date.now,
  };
}

/** The run waits and has been accepted: the dispatcher looks each minute by itself, so the reply stays. */
function notWoken(error: Error): void {
  process.stderr.write(`${JSON.stringify({ statebag: 'api', event: 'not_woken', error: error.name })}\n`);
}
