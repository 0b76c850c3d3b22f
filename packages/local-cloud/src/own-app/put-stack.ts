import { ApiError } from '@statebag/states';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import { isMapping, type Mapping } from '../cloudformation/document.ts';
import { callAction } from '../cloudformation/provider.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import { act, listIn, text } from './stack-calls.ts';
import { uploadTemplate } from './uploads.ts';

export interface WantedStack {
  readonly name: string;
  readonly template: Mapping;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Creates a stack or brings it up to date. @throws DeployError that says which resource cannot be made, and
 * why
 */
export async function putStack(cloud: LocalCloud, wanted: WantedStack): Promise<void> {
  const { name } = wanted;
  await readyForCdk(cloud, wanted.template);
  // A stack whose creation was taken back can only be removed.
  if (/^(ROLLBACK_(COMPLETE|FAILED)|CREATE_FAILED)$/.test(await statusOf(cloud, name)))
    await act(cloud, 'DeleteStack', { StackName: name });
  const isThere = (await statusOf(cloud, name)) !== '';
  const { Parameters: declared = {} } = wanted.template;
  const own = Object.entries(wanted.parameters).filter(([key]) => isMapping(declared) && key in declared);
  const input = {
    StackName: name,
    TemplateURL: await uploadTemplate(cloud, wanted.template),
    Capabilities: ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    Parameters: own.map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
  };
  try {
    await act(cloud, isThere ? 'UpdateStack' : 'CreateStack', input);
    await requireMade(cloud, name);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.message !== 'No updates are to be performed.') throw refused(name, error.message);
  }
}

function refused(stack: string, why: string): DeployError {
  const types = /^.*Unrecognized resource types: \[(.+)\]$/.exec(why)?.[1]?.split(', ');
  const mend =
    types === undefined
      ? ''
      : `\n  mend: go without them: ${types.map((type) => `--leave-out '${type}'`).join(' ')}`;
  return new DeployError(`${stack}: ${why}${mend}`);
}

/** Templates of the CDK look for the version of a stack that every account has. */
async function readyForCdk({ ssm }: LocalCloud, { Parameters: declared }: Mapping): Promise<void> {
  const version = isMapping(declared) ? declared['BootstrapVersion'] : undefined;
  const name = isMapping(version) ? version['Default'] : undefined;
  if (typeof name !== 'string' || ssm.find(name) !== undefined) return;
  await callAction(ssm.actions, 'PutParameter', { Name: name, Value: '30', Type: 'String' });
}

async function requireMade(cloud: LocalCloud, name: string): Promise<void> {
  if (!/ROLLBACK|FAILED/.test(await statusOf(cloud, name))) return;
  const events = listIn(await act(cloud, 'DescribeStackEvents', { StackName: name }), 'StackEvents');
  const failed = events.find((event) => /_FAILED$/.test(text(event, 'ResourceStatus')));
  const why =
    failed === undefined
      ? 'it was taken back'
      : `${text(failed, 'LogicalResourceId')} (${text(failed, 'ResourceType')}): ${text(failed, 'ResourceStatusReason')}`;
  throw new DeployError(`${name}: ${why}`);
}

/** Empty where there is no such stack. */
async function statusOf(cloud: LocalCloud, name: string): Promise<string> {
  const stacks = listIn(await act(cloud, 'DescribeStacks', {}), 'Stacks');
  const stack = stacks.find((each) => text(each, 'StackName') === name);
  return stack === undefined ? '' : text(stack, 'StackStatus');
}
