import { userInfo } from 'node:os';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { isStatebagError } from '@statebag/contracts';
import { ERRORS } from '@statebag/contracts/errors';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { type RolloutAccess, rolloutParameter } from '@statebag/rollout';
import { openRuns, type Runs } from '@statebag/runs';
import { clientOptions } from '../cloud/client-options.ts';
import { openCloudOfFolder } from '../cloud/cloud-of-folder.ts';
import { requireDataDir } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';

export interface RolloutOptions {
  readonly stage?: string;
  readonly table?: string;
  readonly dataDir: string;
  readonly json?: boolean;
}

/** A deployment whose rollout is looked at or changed. */
export interface OpenRollout extends RolloutAccess {
  readonly runs: Runs;
  readonly sfn: SFNClient;
  readonly logs: CloudWatchLogsClient;
  readonly stage: string;
}

/**
 * Opens a deployment, lets `use` work with it, and closes it.
 * @throws UsageError for every refusal; what was refused has changed nothing
 */
export async function withRollout<Result>(
  options: RolloutOptions,
  use: (rollout: OpenRollout) => Promise<Result>,
): Promise<Result> {
  try {
    return options.stage === undefined
      ? await locally(options, use)
      : await onAws(options.stage, options, use);
  } catch (error) {
    if (isStatebagError(error)) throw new UsageError(`${error.message}\n  mend: ${ERRORS[error.name].mend}`);
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    throw new UsageError(
      `the table of runs does not exist: ${error.message}
  mend: deploy services/state-data-manager, or give the table's name with --table`,
    );
  }
}

async function locally<Result>(
  { dataDir, table }: RolloutOptions,
  use: (rollout: OpenRollout) => Promise<Result>,
): Promise<Result> {
  requireDataDir(dataDir);
  const cloud = await openCloudOfFolder(dataDir, async () =>
    (await import('@statebag/local-cloud')).startLocalCloud({ dataDir, idle: true }),
  );
  const place = {
    config: clientOptions(cloud.now),
    stage: LOCAL_APP.stage,
    table: table ?? LOCAL_APP.runsTable,
    who: async () => userInfo().username,
  };
  try {
    return await opened(place, use);
  } finally {
    await cloud.close();
  }
}

async function onAws<Result>(
  stage: string,
  { table }: RolloutOptions,
  use: (rollout: OpenRollout) => Promise<Result>,
): Promise<Result> {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(stage))
    throw new UsageError(
      `--stage ${stage}: not the name of a stage
  mend: give the name that was used to deploy (letters, digits and -)`,
    );
  return opened({ config: {}, stage, table: table ?? `statebag-runs-${stage}`, who: callerArn }, use);
}

interface Place {
  readonly config: Partial<ReturnType<typeof clientOptions>>;
  readonly stage: string;
  readonly table: string;
  readonly who: () => Promise<string>;
}

async function opened<Result>(
  { config, stage, table, who }: Place,
  use: (rollout: OpenRollout) => Promise<Result>,
): Promise<Result> {
  const clients = {
    ssm: new SSMClient(config),
    sfn: new SFNClient(config),
    logs: new CloudWatchLogsClient(config),
  };
  const client = new DynamoDBClient(config);
  try {
    const access = {
      parameter: rolloutParameter(stage),
      runs: openRuns({ client, table }),
      by: await who(),
      now: Date.now,
    };
    return await use({ ...clients, ...access, stage });
  } finally {
    for (const each of [...Object.values(clients), client]) each.destroy();
  }
}

/** Whoever the credentials of the environment are; asking for it takes no right. */
async function callerArn(): Promise<string> {
  const sts = new STSClient({});
  try {
    const { Arn = 'unknown' } = await sts.send(new GetCallerIdentityCommand({}));
    return Arn;
  } finally {
    sts.destroy();
  }
}
