import type { LocalCloud } from '../local-cloud.ts';
import { ApiError } from '../ports.ts';
import type { AppMachine, AppService } from './read-app.ts';
import { DeployError } from './template.ts';

export interface DeployedMachine {
  readonly key: string;
  readonly name: string;
  readonly arn: string;
  readonly changed: boolean;
}

/** Creates the machines of a template, or updates those whose definition changed. */
export async function deployMachines(cloud: LocalCloud, service: AppService): Promise<DeployedMachine[]> {
  const deployed: DeployedMachine[] = [];
  for (const machine of service.machines) deployed.push(await deployMachine(cloud, machine));
  return deployed;
}

/** The ARN that a machine has or will have. */
export function machineArn(name: string, { account, region }: Pick<LocalCloud, 'account' | 'region'>): string {
  return `arn:aws:states:${region}:${account}:stateMachine:${name}`;
}

async function deployMachine(cloud: LocalCloud, { key, name, type, definition }: AppMachine): Promise<DeployedMachine> {
  const arn = machineArn(name, cloud);
  const text = JSON.stringify(definition);
  const present = await describe(cloud, arn);
  if (present === text) return { key, name, arn, changed: false };
  const input = { name, definition: text, type, roleArn: `arn:aws:iam::${cloud.account}:role/${name}`, publish: true };
  if (present === undefined) await call(cloud, 'CreateStateMachine', input);
  else await call(cloud, 'UpdateStateMachine', { stateMachineArn: arn, definition: text, publish: true });
  return { key, name, arn, changed: true };
}

async function describe(cloud: LocalCloud, stateMachineArn: string): Promise<string | undefined> {
  try {
    const described = await call(cloud, 'DescribeStateMachine', { stateMachineArn });
    return 'definition' in described ? String(described.definition) : undefined;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'StateMachineDoesNotExist') return undefined;
    throw error;
  }
}

async function call(cloud: LocalCloud, action: string, input: Record<string, unknown>): Promise<object> {
  const run = cloud.states[action];
  if (run === undefined) throw new DeployError(`the engine has no action ${action}`);
  return run(input);
}
