import { STAGE_MARK } from '../package/marks.ts';
import { listOf, members, ofType } from '../package/template.ts';
import type { AppTemplate } from '../project/app.ts';
import { filledApp } from '../project/filled-app.ts';
import { currentApp } from '../stack/app-of-checkout.ts';

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
/** The app with words for what a deployment chooses. */
export async function appInWords(): Promise<AppTemplate> {
  const app = await currentApp();
  const filled = filledApp(app, { stage: STAGE_MARK, region: 'us-east-1', choices: NAMES });
  return JSON.parse(JSON.stringify({ ...app, ...filled }).replaceAll(STAGE_MARK, 'STAGE'));
}

/** Every statement of every role that templates make. */
export async function statementsOfRoles(): Promise<readonly RoleStatement[]> {
  const app = await appInWords();
  const roles = ofType(app, 'AWS::IAM::Role');
  const ofFunctions = roles.flatMap(({ Properties }) => {
    const key = FUNCTION_ROLE.exec(String(Properties?.['RoleName']))?.[1];
    return key === undefined ? [] : [statementsOf(app, key, Properties)];
  });
  const shared = sharedBy(ofFunctions);
  const ofMachines = roles.flatMap(({ id, Properties }) => {
    const role = MACHINE_ROLES[id];
    return role === undefined ? [] : statementsOf(app, role, Properties);
  });
  const own = ofFunctions.flat().filter((each) => !shared.has(textOf(each)));
  return [...own, ...shared.values(), ...ofMachines];
}

const FUNCTION_ROLE = /^statebag-STAGE-(\w+)-us-east-1$/;

/** What every function has. */
function sharedBy(functions: readonly (readonly RoleStatement[])[]): ReadonlyMap<string, RoleStatement> {
  const [first = []] = functions;
  const inAll = first.filter((each) =>
    functions.every((others) => others.some((other) => textOf(other) === textOf(each))),
  );
  return new Map(inAll.map((each) => [textOf(each), { ...each, role: EVERY_FUNCTION }]));
}

const textOf = ({ actions, resources }: RoleStatement): string => `${actions} ${resources}`;

/** Roles of machines by their logical ids. */
const MACHINE_ROLES: Readonly<Record<string, string>> = {
  StepfunctionsMachineRole: MACHINES,
  StepfunctionsShadowRole: SHADOW_MACHINE,
};

function statementsOf(app: AppTemplate, role: string, properties: unknown): RoleStatement[] {
  const statements = listOf(members(properties)['Policies']).flatMap((policy) =>
    listOf(members(members(policy)['PolicyDocument'])['Statement']),
  );
  return statements.map(members).map(({ Action, Resource }, place) => ({
    role,
    place,
    actions: listOf(Action).map(String),
    resources: listOf(Resource).map((resource) => resourceText(app, resource)),
  }));
}

/** The text of a resource without its version, functions of CloudFormation and places left out. */
function resourceText(app: AppTemplate, resource: unknown): string {
  if (typeof resource === 'string') return withoutPlace(resource);
  const { Ref: version, 'Fn::Sub': text, 'Fn::GetAtt': attribute } = members(resource);
  if (typeof text === 'string')
    return withoutPlace(
      text.replace(/\$\{AWS::Partition\}/, 'aws').replaceAll(/\$\{AWS::\w+\}/g, ''),
    ).replace(/:log-group:.*$/, ':log-group:FUNCTION');
  const [id = ''] = listOf(attribute ?? String(version).replace(/Version$/, '')).map(String);
  const { FunctionName: name, QueueName: queue } = members(app.Resources[id]?.Properties);
  return queue === undefined ? `arn:aws:lambda:::function:${name}` : `arn:aws:sqs:::${queue}`;
}

/** `arn:aws:states:eu-west-1:123:stateMachine:x` → `arn:aws:states:::stateMachine:x` */
function withoutPlace(arn: string): string {
  return arn.replace(/^(arn:aws:[\w-]+):[^:]*:[^:]*:/, '$1:::');
}

/** The names that a local cloud gives the roles of a statement; `*` is any stage and region. */
export function roleNames({ role }: RoleStatement): string {
  const machines = Object.entries(MACHINE_ROLES).find(([, each]) => each === role);
  return machines === undefined ? `statebag-*-${role}-*` : `statebag-*-${machines[0]}-*`;
}

/** The role of a name. Undefined: no role of the templates, or not made by the local cloud from them. */
export function roleNamed(name: string): string | undefined {
  const ofMachines = Object.entries(MACHINE_ROLES).find(([id]) =>
    new RegExp(`^statebag-(?:local|staging)-${id}-`).test(name),
  );
  return ofMachines?.[1] ?? /^statebag-(?:local|staging)-(\w+)-[a-z]{2}-/.exec(name)?.[1];
}
