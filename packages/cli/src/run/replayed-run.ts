import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { executionId, ownerId } from '@statebag/contracts/ids';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { awsSource, type ReplayedRun } from '@statebag/replay';
import { readConfig } from '@statebag/step-kit';
import { openAppToRead } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import { runExecutions } from './run-executions.ts';

export interface ReplayPlace {
  readonly dataDir: string;
  readonly stage?: string;
  readonly region?: string;
}

interface Clients {
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly sfn: SFNClient;
}

/**
 * Finds a run on this machine or of a stage, lets `use` repeat it, and closes what was opened. Nothing is
 * written anywhere. @throws UsageError where there is no such run
 */
export async function withReplayedRun<Result>(
  run: string,
  place: ReplayPlace,
  use: (run: ReplayedRun) => Promise<Result>,
): Promise<Result> {
  if (place.stage !== undefined)
    return withClients(place, async (clients) => use(await ofStage(clients, run, place)));
  const app = await openAppToRead(place.dataDir);
  try {
    const executions = await runExecutions(app, run, place.dataDir);
    return await use(
      await replayedRun(app, executions, LOCAL_APP.functionArn('segment-runner', 'executeSegment')),
    );
  } finally {
    await app.close();
  }
}

async function withClients<Result>(
  { region }: ReplayPlace,
  use: (clients: Clients) => Promise<Result>,
): Promise<Result> {
  const config = region === undefined ? {} : { region };
  const clients = { lambda: new LambdaClient(config), s3: new S3Client(config), sfn: new SFNClient(config) };
  try {
    return await use(clients);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

async function ofStage(clients: Clients, run: string, { stage = '' }: ReplayPlace): Promise<ReplayedRun> {
  const runner = `statebag-segment-runner-${stage}-executeSegment`;
  const { FunctionArn = '' } = await configurationOf(clients, runner);
  const [, partition, , region, account] = FunctionArn.split(':');
  const first = `arn:${partition}:states:${region}:${account}:execution:statebag-v3-${stage}:${run}`;
  const executions = await executionsFrom(clients, first);
  if (executions.length === 0)
    throw new UsageError(
      `${run}: the stage ${stage} has no such run of v3\n  mend: statebag ui --stage ${stage} shows the runs there`,
    );
  return replayedRun(clients, executions, runner);
}

async function executionsFrom({ sfn }: Clients, first: string): Promise<string[]> {
  const found: string[] = [];
  for (let arn = first; ; arn = `${first}.r${found.length}`) {
    try {
      await sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    } catch (error) {
      // one more than there were
      if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return found;
      throw error;
    }
    found.push(arn);
  }
}

/** How its functions were set and whose run it is, as the execution and the function say. */
async function replayedRun(
  clients: Clients,
  executionArns: readonly string[],
  runner: string,
): Promise<ReplayedRun> {
  const [first = ''] = executionArns;
  const { input = '{}', stateMachineArn = '' } = await clients.sfn.send(
    new DescribeExecutionCommand({ executionArn: first }),
  );
  if (stateMachineArn.includes(':statebag-legacy-'))
    throw new UsageError(
      `${first}: a run of the first generation has no ledger to repeat it from\n  mend: statebag diff compares both generations`,
    );
  const { owner_id, execution_id }: { owner_id?: string; execution_id?: string } = JSON.parse(input);
  const { Environment } = await configurationOf(clients, runner);
  const variables = Environment?.Variables ?? {};
  const config = readConfig(variables);
  const location = {
    bucket: config.bucket,
    owner_id: ownerId(owner_id),
    execution_id: executionId(execution_id),
  };
  const showsValues = variables['CAUSES_SHOW_VALUES'] === 'true';
  return { source: awsSource(clients), location, executionArns, config, showsValues };
}

async function configurationOf({ lambda }: Clients, FunctionName: string) {
  try {
    return await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    throw new UsageError(
      `${FunctionName}: there is no such function, so nothing says how the run's functions were set\n  mend: give the stage that was deployed, and its region with --region`,
    );
  }
}
