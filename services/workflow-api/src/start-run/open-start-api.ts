import { dynamoDb, placeOf, s3, ssm, stepFunctions } from '@statebag/aws-requests';
import { type ReadSettings, rememberedSettings, settingsOver } from '@statebag/rollout';
import { type Runs, runsOver } from '@statebag/runs';
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
  const starts = stepFunctions(place, S3_CLIENT_SETTINGS);
  const parameters = ssm(place, S3_CLIENT_SETTINGS);
  return {
    ...config,
    runs: runsOver({ ...config, items: dynamoDb(place, S3_CLIENT_SETTINGS) }),
    starts,
    uploads,
    process: openStore(requestedObjectStore(uploads)),
    rollout: rememberedSettings(() => settingsOver(parameters, config.rolloutParameter), clock),
    routes: rememberedRoutes(readRoutes(starts), clock),
    nodes: deployedNodes(config.ownNodes),
    log: stderrLog,
    clock,
    now: Date.now,
  };
}
