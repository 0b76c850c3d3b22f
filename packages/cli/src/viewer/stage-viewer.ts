import { randomBytes } from 'node:crypto';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { isId } from '@statebag/contracts/ids';
import { caller } from '@statebag/deployment/stage-data';
import { UsageError } from '../exit.ts';
import type { ViewerPlace } from './viewer-place.ts';

export interface StageOptions {
  readonly stage: string;
  readonly region?: string;
  readonly owner?: string;
}

/** Opens a deployed stage to look at the runs of one owner, lets `use` work with it, and closes it. */
export async function withStage<Result>(
  options: StageOptions,
  use: (place: ViewerPlace) => Promise<Result>,
): Promise<Result> {
  const { stage, owner, region } = options;
  if (!/^[A-Za-z0-9-]{1,64}$/.test(stage))
    throw new UsageError(
      `--stage ${stage}: not the name of a stage\n  mend: give the name that was used to deploy (letters, digits and -)`,
    );
  if (!isId(owner))
    throw new UsageError(
      `--owner ${owner ?? ''}: whose runs are to be shown\n  mend: give the id of an owner; the first folder under runs/ in the bucket names it`,
    );
  const config = region === undefined ? {} : { region };
  const clients = { lambda: new LambdaClient(config), sfn: new SFNClient(config) };
  try {
    return await use(await placeOf(clients, { ...options, owner }));
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

interface Clients {
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
}

async function placeOf(
  { lambda, sfn }: Clients,
  { stage, owner }: StageOptions & { readonly owner: string },
): Promise<ViewerPlace> {
  const region = await lambda.config.region();
  const { partition, account } = await caller({ region });
  const functionArn = (key: string) =>
    `arn:${partition}:lambda:${region}:${account}:function:statebag-workflow-api-${stage}-${key}`;
  const claim = await ownerClaim(lambda, functionArn('listRuns'), stage);
  return {
    lambda,
    sfn,
    stage,
    functionArn,
    claims: { iss: 'statebag ui', sub: 'statebag ui', [claim]: owner },
    key: randomBytes(24).toString('base64url'),
    about: () => ({
      place: `${stage}, ${region}`,
      read_only: true,
      owner,
      held: true,
      command_options: ['--stage', stage, '--region', String(region)],
    }),
  };
}

/** The claim in which the functions of a stage look for the owner. */
async function ownerClaim(lambda: LambdaClient, FunctionName: string, stage: string): Promise<string> {
  try {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const claim = Environment?.Variables?.['OWNER_CLAIM'] ?? '';
    if (claim !== '') return claim;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    throw new UsageError(
      `--stage ${stage}: services/workflow-api is not deployed there\n  mend: give the stage that was deployed, and its region with --region`,
    );
  }
  throw new UsageError(
    `--stage ${stage}: its owners are hashes of issuer and subject, which no command can stand for\n  mend: deploy workflow-api with ownerClaim, or use the API with a token of the owner`,
  );
}
