import { ownerId } from '@statebag/contracts/ids';
import type { LocalCloud } from '@statebag/local-cloud';
import { type LocalWishes, settingsOf } from './local-settings.ts';
import type { DeployOptions } from './stack/deploy-app.ts';

const STAGE = 'local';
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

/** How the app is named on this machine; a running cloud is found again by these names alone. */
export const LOCAL_APP = {
  stage: STAGE,
  bucket: 'statebag-state-local',
  runsTable: `statebag-runs-${STAGE}`,
  ownerClaim: 'statebag_owner',
  functionArn: (service: string, key: string, stage: string = STAGE) =>
    `arn:aws:lambda:${REGION}:${ACCOUNT}:function:statebag-${service}-${stage}-${key}`,
  owner: ownerId('local'),
  legacyMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:statebag-legacy-${STAGE}`,
  shadowMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:statebag-shadow-${STAGE}`,
  machineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:statebag-v3-${STAGE}`,
  logGroups: [
    ...['initializeStateData', 'stateDataManager'].map((key) => `state-data-manager-local-${key}`),
    ...['executeSegment', 'prepareDistributedExecution', 'processSegmentChunk'].map(
      (key) => `segment-runner-local-${key}`,
    ),
    'async-llm-local-asyncLlmHandler',
    'aggregator-local-aggregateDistributedResults',
  ].map((name) => `/aws/lambda/statebag-${name}`),
  llmApiKeyParameter: '/statebag/local/llm-api-key',
} as const;

/** ARN of the execution that a run id names. */
export function executionArnOf(executionId: string): string {
  return `${LOCAL_APP.machineArn.replace(':stateMachine:', ':execution:')}:${executionId}`;
}

/** What the templates are told on this machine. The local owner's token says so by a claim of its own. */
const LOCAL_PARAMETERS = {
  stateBucket: LOCAL_APP.bucket,
  runsTable: LOCAL_APP.runsTable,
  ownerClaim: LOCAL_APP.ownerClaim,
} as const;

/**
 * How the app is deployed on this machine. A provider's key is looked for in an SSM parameter, as on AWS;
 * `localSecrets` holds it, and the cloud never writes it down.
 */
export async function localDeployment(cloud: LocalCloud, wishes: LocalWishes = {}): Promise<DeployOptions> {
  await forgetOldKey(cloud);
  const { parameters, missing } = settingsOf(wishes, process.env);
  for (const [provider, variable] of Object.entries(missing))
    process.stderr.write(
      `provider ${provider}: the environment has no ${variable}, so its calls will fail\n`,
    );
  return { stage: LOCAL_APP.stage, parameters: { ...parameters, ...LOCAL_PARAMETERS } };
}

/** Earlier releases wrote the key into the journal. */
async function forgetOldKey({ ssm }: LocalCloud): Promise<void> {
  await ssm.actions['DeleteParameters']?.({ Names: [LOCAL_APP.llmApiKeyParameter] });
}
