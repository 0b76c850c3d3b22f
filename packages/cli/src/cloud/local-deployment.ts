import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { DeployOptions, LocalCloud } from '@statebag/local-cloud';
import { clientOptions } from './client-options.ts';
import { APP_ROOT, LOCAL_APP } from './local-app.ts';

/** What the templates are told on this machine. The local owner's token says so by a claim of its own. */
const LOCAL_PARAMETERS = {
  stateBucket: LOCAL_APP.bucket,
  runsTable: LOCAL_APP.runsTable,
  stateDataManagerArn: LOCAL_APP.functionArn('state-data-manager', 'stateDataManager'),
  ownerClaim: LOCAL_APP.ownerClaim,
} as const;

/** How the app is deployed on this machine. A provider's key goes where the runner looks for it on AWS too: an SSM parameter. */
export async function localDeployment(cloud: LocalCloud, providerUrl: string | undefined): Promise<DeployOptions> {
  const key = process.env['STATEBAG_LLM_API_KEY'];
  if (key) await putSecret(cloud.endpoint, key);
  const provider = providerUrl === undefined ? {} : { llmBaseUrl: providerUrl, ...(key && { llmApiKeyParameter: LOCAL_APP.llmApiKeyParameter }) };
  return { root: APP_ROOT, stage: LOCAL_APP.stage, parameters: { ...LOCAL_PARAMETERS, ...provider } };
}

async function putSecret(endpoint: string, value: string): Promise<void> {
  const ssm = new SSMClient(clientOptions(endpoint));
  await ssm.send(new PutParameterCommand({ Name: LOCAL_APP.llmApiKeyParameter, Value: value, Type: 'SecureString', Overwrite: true }));
  ssm.destroy();
}
