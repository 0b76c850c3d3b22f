import { ApiError } from '@statebag/states';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import { isMapping, type Mapping } from '../cloudformation/document.ts';
import { callAction } from '../cloudformation/provider.ts';
import { DeployError } from '../deploy/deploy-error.ts';

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
  const { name, template } = wanted;
  await readyForCdk(cloud, template);
  const { Parameters: declared = {} } = template;
  const own = Object.entries(wanted.parameters).filter(([key]) => isMapping(declared) && key in declared);
  const stack = { name, template: JSON.stringify(template), parameters: Object.fromEntries(own) };
  try {
    await cloud.formation.put(stack);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw refused(name, error.message);
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
