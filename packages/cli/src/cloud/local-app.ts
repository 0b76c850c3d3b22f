import { join } from 'node:path';
import { ownerId } from '@statebag/contracts';

/** Root of the app that is deployed: this repository. */
export const APP_ROOT = join(import.meta.dirname, '..', '..', '..', '..');

const STAGE = 'local';
const ACCOUNT = '000000000000';
const REGION = 'us-east-1';

/** How the app is named on this machine; a running cloud is found again by these names alone. */
export const LOCAL_APP = {
  stage: STAGE,
  bucket: 'statebag-state-local',
  runsTable: `statebag-runs-${STAGE}`,
  ownerClaim: 'statebag_owner',
  functionArn: (service: string, key: string, stage: string = STAGE) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:statebag-${service}-${stage}-${key}`,
  owner: ownerId('local'),
  legacyMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:statebag-legacy-${STAGE}`,
  shadowMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:statebag-shadow-${STAGE}`,
  machineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:statebag-v3-${STAGE}`,
  logGroups: [
    ...['initializeStateData', 'stateDataManager'].map((key) => `state-data-manager-local-${key}`),
    ...['executeSegment', 'prepareDistributedExecution', 'processSegmentChunk'].map((key) => `segment-runner-local-${key}`),
    'async-llm-local-asyncLlmHandler',
    'aggregator-local-aggregateDistributedResults',
  ].map((name) => `/aws/lambda/statebag-${name}`),
  llmApiKeyParameter: '/statebag/local/llm-api-key',
} as const;

/** Branches and continuations are executions too; their names are hashes. */
export function isChildName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** ARN of the execution that a run id names. */
export function executionArnOf(executionId: string): string {
  return `${LOCAL_APP.machineArn.replace(':stateMachine:', ':execution:')}:${executionId}`;
}
