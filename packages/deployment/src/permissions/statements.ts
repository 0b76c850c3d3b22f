import { join } from 'node:path';
import { type Plain, readTemplate } from '@statebag/local-cloud';
import { listOf, members } from '../package/template.ts';
import { deployables } from '../stacks.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/** The role that machines share, and that of the shadow, which reaches less. */
export const MACHINES = 'machines';
export const SHADOW_MACHINE = 'shadow machine';
/** What every function has from its provider. */
export const EVERY_FUNCTION = 'every function';

/**
 * A statement as a template gives it to a role. Names that differ between stages stand as words: BUCKET, TABLE,
 * STAGE, BUS.
 */
export interface RoleStatement {
  /** The key of a function, or one of the two above. */
  readonly role: string;
  /** Its place in the policy of the role, from 0. */
  readonly place: number;
  readonly actions: readonly string[];
  /** May hold `*`. */
  readonly resources: readonly string[];
}

/** Names that a deployment chooses, as words. */
const NAMES: Readonly<Record<string, string>> = {
  stateBucket: 'BUCKET',
  runsTable: 'TABLE',
  eventBusName: 'BUS',
  lambdaNodeArn: 'arn:aws:lambda:us-east-1:000000000000:function:CHOSEN',
  bedrockModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/CHOSEN',
};
const PLACE = { stage: 'STAGE', region: 'us-east-1', parameter: (name: string) => NAMES[name] };

/** The template of a stack, with words for what a deployment chooses. */
export const readStack = (folder: string) => readTemplate(join(ROOT, folder, 'serverless.yml'), PLACE);

/** Every statement of every role that templates make. */
export async function statementsOfRoles(): Promise<readonly RoleStatement[]> {
  const folders = deployables(ROOT).filter((folder) => folder.startsWith('services/'));
  const templates = await Promise.all(folders.map(readStack));
  const ofFunctions = templates.flatMap(({ functions }) =>
    Object.entries(members(functions)).flatMap(([key, definition]) =>
      statementsOf(key, members(definition)['iamRoleStatements']),
    ),
  );
  return [...ofFunctions, ...sharedOf(templates), ...(await statementsOfMachines())];
}

type Template = Awaited<ReturnType<typeof readStack>>;

/** All services give the same; what one gives besides is one more statement. */
function sharedOf(templates: readonly Template[]): RoleStatement[] {
  const all = templates.flatMap(({ provider }) => {
    const { role } = members(members(provider)['iam']);
    return statementsOf(EVERY_FUNCTION, members(role)['statements']);
  });
  return [...new Map(all.map((each) => [`${each.actions} ${each.resources}`, each])).values()];
}

/** Roles of machines by their logical ids. */
const MACHINE_ROLES: Readonly<Record<string, string>> = {
  MachineRole: MACHINES,
  ShadowRole: SHADOW_MACHINE,
};

async function statementsOfMachines(): Promise<RoleStatement[]> {
  const { resources } = await readStack('stepfunctions');
  const made = listOf(resources).flatMap((part) => Object.entries(members(members(part)['Resources'])));
  return made.flatMap(([id, resource]) => {
    const role = MACHINE_ROLES[id];
    const { Policies: policies } = members(members(resource)['Properties']);
    if (role === undefined) return [];
    return listOf(policies).flatMap((policy) =>
      statementsOf(role, members(members(policy)['PolicyDocument'])['Statement']),
    );
  });
}

function statementsOf(role: string, statements: unknown): RoleStatement[] {
  return listOf(statements)
    .map(members)
    .map(({ Action, Resource }, place) => ({
      role,
      place,
      actions: listOf(Action).map(String),
      resources: listOf(Resource).map((resource) => resourceText(resource as Plain)), // read from a template
    }));
}

/** The text of a resource without its version, functions of CloudFormation and places left out. */
function resourceText(resource: Plain): string {
  if (typeof resource === 'string')
    return withoutPlace(resource)
      .replace(/^(arn:aws:lambda:::function:[\w-]+):\d+$/, '$1')
      .replace('-dev-', '-STAGE-');
  const { 'Fn::Sub': text, 'Fn::GetAtt': attribute } = members(resource);
  if (typeof text === 'string')
    return withoutPlace(text.replace(/\$\{AWS::Partition\}/, 'aws').replaceAll(/\$\{AWS::\w+\}/g, ''));
  const [id = ''] = listOf(attribute).map(String);
  const key = id.replace(/LambdaFunction$/, '');
  return `arn:aws:lambda:::function:*-${key.charAt(0).toLowerCase()}${key.slice(1)}`;
}

/** `arn:aws:states:eu-west-1:123:stateMachine:x` → `arn:aws:states:::stateMachine:x` */
function withoutPlace(arn: string): string {
  return arn.replace(/^(arn:aws:[\w-]+):[^:]*:[^:]*:/, '$1:::');
}

/** The names that a local cloud gives the roles of a statement; `*` is any stage and region. */
export function roleNames({ role }: RoleStatement): string {
  const machines = Object.entries(MACHINE_ROLES).find(([, each]) => each === role);
  return machines === undefined
    ? `statebag-*-${role}-*`
    : `statebag-stepfunctions-*-${machines[0].toLowerCase()}`;
}

/** The role of a name. Undefined: no role of the templates, or not made by the local cloud from them. */
export function roleNamed(name: string): string | undefined {
  const ofMachines = Object.entries(MACHINE_ROLES).find(([id]) =>
    new RegExp(`^statebag-stepfunctions-(?:local|staging)-${id.toLowerCase()}$`).test(name),
  );
  return ofMachines?.[1] ?? /^statebag-(?:local|staging)-(\w+)-[a-z]{2}-/.exec(name)?.[1];
}
