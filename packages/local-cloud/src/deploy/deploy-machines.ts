import { ApiError } from '@statebag/states';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import { evaluate, evaluateText } from './cloud-formation.ts';
import type { AppMachine, AppService } from './read-app.ts';
import { DeployError, isPlainObject } from './template.ts';

export interface DeployedMachine {
  readonly key: string;
  readonly name: string;
  readonly arn: string;
  readonly changed: boolean;
}

/**
 * Creates the machines of a template, or updates those whose definition changed; then its aliases lead to the
 * newest versions. A machine that names a version of another comes after it.
 */
export async function deployMachines(cloud: LocalCloud, service: AppService): Promise<DeployedMachine[]> {
  const deployed: DeployedMachine[] = [];
  const names = new Map(service.scope.names);
  const waiting = [...service.machines];
  for (
    let machine = takeReady(waiting, service, names);
    machine;
    machine = takeReady(waiting, service, names)
  ) {
    deployed.push(
      await deployMachine(cloud, {
        ...machine,
        definition: evaluate(machine.definition, { ...service.scope, names }),
        role: evaluateText(machine.role, service.scope),
      }),
    );
    const ref = await newestVersion(cloud, machineArn(machine.name, cloud));
    for (const id of versionsOf(machine, service)) names.set(id, { ref, attributes: {} });
  }
  if (waiting.length > 0)
    throw new DeployError(
      `${service.file}: ${waiting.map(({ key }) => key).join(' and ')} name versions of each other`,
    );
  for (const alias of aliasesOf(service)) await deployAlias(cloud, alias);
  return deployed;
}

/** Takes the first machine whose versions of others are all there. */
function takeReady(
  waiting: AppMachine[],
  service: AppService,
  names: AppService['scope']['names'],
): AppMachine | undefined {
  const versions = service.resources.filter(({ type }) => type === VERSION).map(({ logicalId }) => logicalId);
  const missing = versions.filter((id) => !versionsKnown(service, names).has(id));
  const index = waiting.findIndex(
    ({ definition }) => !missing.some((id) => JSON.stringify(definition).includes(`{"Ref":"${id}"}`)),
  );
  return index < 0 ? undefined : waiting.splice(index, 1)[0];
}

const VERSION = 'AWS::StepFunctions::StateMachineVersion';

/** Before it is published a version has the name every resource has. */
function versionsKnown({ scope }: AppService, names: AppService['scope']['names']): ReadonlySet<string> {
  return new Set([...names].filter(([id, { ref }]) => scope.names.get(id)?.ref !== ref).map(([id]) => id));
}

/** Logical ids of a machine's versions. */
function versionsOf({ name }: AppMachine, { resources, scope }: AppService): readonly string[] {
  const own = resources.filter(
    ({ type, properties }) =>
      type === VERSION && evaluateText(properties['StateMachineArn'], scope)?.endsWith(`:${name}`),
  );
  return own.map(({ logicalId }) => logicalId);
}

/** Publishing what is published already gives the version that it has. */
async function newestVersion(cloud: LocalCloud, stateMachineArn: string): Promise<string> {
  // it answers with it
  const { stateMachineVersionArn } = (await call(cloud, 'PublishStateMachineVersion', {
    stateMachineArn,
  })) as { stateMachineVersionArn: string };
  return stateMachineVersionArn;
}

/** Where runs of a machine start: its alias where the template has one, else the machine. */
export function startArn(
  machine: AppMachine,
  service: AppService,
  cloud: Pick<LocalCloud, 'account' | 'region'>,
): string {
  const arn = machineArn(machine.name, cloud);
  const alias = aliasesOf(service).find((each) => each.machineArn === arn);
  return alias === undefined ? arn : `${arn}:${alias.name}`;
}

interface MachineAlias {
  readonly name: string;
  readonly machineArn: string;
}

/** Aliases of a template with the machines that their versions are of. */
function aliasesOf({ resources, scope }: AppService): readonly MachineAlias[] {
  return resources
    .filter(({ type }) => type === 'AWS::StepFunctions::StateMachineAlias')
    .map(({ logicalId, properties: { Name: name, DeploymentPreference: preference } }) => {
      const version = isPlainObject(preference) ? preference['StateMachineVersionArn'] : undefined;
      const target = resources.find((each) => isPlainObject(version) && each.logicalId === version['Ref']);
      const arn = evaluateText(target?.properties['StateMachineArn'], scope);
      if (typeof name !== 'string' || arn === undefined)
        throw new DeployError(`${scope.file}: ${logicalId} names no version of this template`);
      return { name, machineArn: arn };
    });
}

/** One machine has few runs at a time here: a new version takes over at once. */
async function deployAlias(
  cloud: LocalCloud,
  { name, machineArn: stateMachineArn }: MachineAlias,
): Promise<void> {
  const routingConfiguration = [
    { stateMachineVersionArn: await newestVersion(cloud, stateMachineArn), weight: 100 },
  ];
  const { stateMachineAliases } = (await call(cloud, 'ListStateMachineAliases', { stateMachineArn })) as {
    stateMachineAliases: { stateMachineAliasArn: string }[];
  }; // as above
  const stateMachineAliasArn = `${stateMachineArn}:${name}`;
  if (stateMachineAliases.some((alias) => alias.stateMachineAliasArn === stateMachineAliasArn))
    await call(cloud, 'UpdateStateMachineAlias', { stateMachineAliasArn, routingConfiguration });
  else await call(cloud, 'CreateStateMachineAlias', { name, routingConfiguration });
}

/** The ARN that a machine has or will have. */
export function machineArn(
  name: string,
  { account, region }: Pick<LocalCloud, 'account' | 'region'>,
): string {
  return `arn:aws:states:${region}:${account}:stateMachine:${name}`;
}

async function deployMachine(
  cloud: LocalCloud,
  { key, name, type, definition, role }: Omit<AppMachine, 'role'> & { readonly role: string | undefined },
): Promise<DeployedMachine> {
  const arn = machineArn(name, cloud);
  const text = JSON.stringify(definition);
  const roleArn = role ?? `arn:aws:iam::${cloud.account}:role/${name}`;
  const present = await describe(cloud, arn);
  if (present?.definition === text && present.roleArn === roleArn) return { key, name, arn, changed: false };
  const wanted = { definition: text, roleArn, publish: true };
  if (present === undefined) await call(cloud, 'CreateStateMachine', { ...wanted, name, type });
  else await call(cloud, 'UpdateStateMachine', { ...wanted, stateMachineArn: arn });
  return { key, name, arn, changed: true };
}

interface Present {
  readonly definition: string;
  readonly roleArn: string;
}

async function describe(cloud: LocalCloud, stateMachineArn: string): Promise<Present | undefined> {
  try {
    // it answers with both
    return (await call(cloud, 'DescribeStateMachine', { stateMachineArn })) as Present;
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
