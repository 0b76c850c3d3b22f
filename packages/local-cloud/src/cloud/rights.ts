import { ApiError, type Rights as RightsOfTasks } from '@statebag/states';
import type { KeptResources } from '../cloudformation/kept-resources.ts';
import { askedByTask, type Place } from '../iam/asked.ts';
import type { Mapping } from '../iam/document.ts';
import { decide, type Rights } from '../iam/evaluate.ts';
import { textPattern } from '../iam/patterns.ts';
import { type Asked, arnOf, compilePolicy, type Principal, type Statement } from '../iam/policy.ts';
import { policiesOfRole } from './role-policies.ts';

/** A statement by its place in a policy of the roles whose names fit. */
export interface WithheldRight {
  /** May hold `*`. */
  readonly roles: string;
  readonly place: number;
}

export type RolePrincipal = Principal & { readonly kind: 'role' };

export interface RightsDeps {
  readonly kept: KeptResources;
  /** The policy that was set on a queue. */
  queuePolicy(name: string): string | undefined;
  /** A statement that roles are not given, though their template does: `npm run laws -- rights`. */
  readonly withheld?: WithheldRight;
  /** Is told of every call that a statement of a role has allowed. */
  onUsed(role: RolePrincipal, asked: Asked, by: Statement): void;
}

/** Reads `<roles>#<place>`; empty withholds nothing. */
export function withheldBy(text: string): Pick<RightsDeps, 'withheld'> {
  const [, roles = '', place] = /^(.+)#(\d+)$/.exec(text) ?? [];
  if (place === undefined) return {};
  return { withheld: { roles, place: Number(place) } };
}

/** Everything here is loopback, which stands for what is encrypted on its way. */
const ALWAYS = { 'aws:securetransport': 'true' };

/** Evaluates the policies that templates have made. They are compiled once, until one of them changes. */
export function openRights(deps: RightsDeps): Rights {
  const roles = openRoles(deps);
  const resources = openResourcePolicies(deps);
  const refusal = (principal: Principal, given: Asked): string | undefined => {
    const asked = { ...given, context: { ...ALWAYS, ...given.context } };
    const identity = principal.kind === 'role' ? roles(principal.arn, asked.action) : undefined;
    const resource = resources(asked);
    const decision =
      principal.kind === 'role' && identity === undefined
        ? decide({ kind: 'owner', account: principal.account }, asked, { resource })
        : decide(principal, asked, { ...(identity && { identity }), resource });
    if (!decision.allowed) return decision.why;
    const { by } = decision;
    if (principal.kind === 'role' && by !== undefined && identity?.includes(by))
      deps.onUsed(principal, asked, by);
    return undefined;
  };
  return {
    may: (principal, asked) => refusal(principal, asked) === undefined,
    require: (principal, all) => {
      for (const asked of all) {
        const why = refusal(principal, asked);
        if (why !== undefined) throw accessDenied(principal, asked, why);
      }
    },
  };
}

/** The rights of machines' roles, for the engine that makes their calls. */
export function rightsOfTasks(rights: Rights, place: Place): RightsOfTasks {
  return {
    require: ({ roleArn, session, api, input }) => {
      const principal: Principal = { kind: 'role', account: place.account, arn: roleArn, session };
      rights.require(principal, askedByTask(api, input, place));
    },
  };
}

/** Services that answer a refusal with 400, as the older protocols do. */
const BAD_REQUEST = /^(?:states|dynamodb|events|ssm|logs):/;

function accessDenied(principal: Principal, { action, resource }: Asked, why: string): ApiError {
  const status = BAD_REQUEST.test(action) ? 400 : 403;
  const message = `User: ${arnOf(principal)} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  return new ApiError('AccessDeniedException', message, { status });
}

/** Statements of a role that are about an action. Undefined: no template has made the role. */
function openRoles({ kept, withheld }: Pick<RightsDeps, 'kept' | 'withheld'>) {
  const isWithheld = withheld === undefined ? () => false : textPattern(withheld.roles);
  const known = new Map<string, readonly Statement[] | undefined>();
  const byAction = new Map<string, readonly Statement[]>();
  const isNew = changeWatch(kept);
  return (roleArn: string, action: string): readonly Statement[] | undefined => {
    if (isNew()) [known, byAction].forEach((cache) => void cache.clear());
    if (!known.has(roleArn)) known.set(roleArn, policiesOfRole(roleArn, kept));
    const given = known.get(roleArn);
    const statements = isWithheld(nameOf(roleArn))
      ? given?.filter(({ place }) => place !== withheld?.place)
      : given;
    if (statements === undefined) return undefined;
    const key = `${action} ${roleArn}`;
    const concerned = byAction.get(key) ?? statements.filter((each) => each.concerns(action));
    byAction.set(key, concerned);
    return concerned;
  };
}

/** The policy of what is called, where it has one. */
function openResourcePolicies({ kept, queuePolicy }: RightsDeps) {
  const known = new Map<string, readonly Statement[]>();
  const isNew = changeWatch(kept);
  const compiled = (key: string, compile: () => readonly Statement[]): readonly Statement[] => {
    if (isNew()) known.clear();
    const found = known.get(key) ?? compile();
    known.set(key, found);
    return found;
  };
  return ({ action, resource }: Asked): readonly Statement[] => {
    const [, , service, , , rest = ''] = resource.split(':', 6);
    if (service === 's3') {
      const [bucket = ''] = rest.split('/');
      return compiled(`s3 ${bucket}`, () => bucketPolicy(bucket, kept));
    }
    if (service === 'iam' && action === 'sts:AssumeRole')
      return compiled(resource, () => trustOf(resource, kept));
    if (service === 'lambda') return compiled(resource, () => permissionsOf(resource, kept));
    const text = service === 'sqs' ? queuePolicy(rest) : undefined;
    return text === undefined
      ? []
      : compiled(`sqs ${text}`, () => compilePolicy(JSON.parse(text), 'resource'));
  };
}

function nameOf(roleArn: string): string {
  return roleArn.split('/').at(-1) ?? '';
}

function changeWatch(kept: KeptResources): () => boolean {
  let seen = kept.changes();
  return () => {
    const now = kept.changes();
    const isNew = now !== seen;
    seen = now;
    return isNew;
  };
}

/** Who may take a role on. */
function trustOf(roleArn: string, kept: KeptResources): readonly Statement[] {
  const role = kept.find('AWS::IAM::Role', nameOf(roleArn));
  return compilePolicy(role?.properties['AssumeRolePolicyDocument'] ?? {}, 'trust');
}

function bucketPolicy(bucket: string, kept: KeptResources): readonly Statement[] {
  const policy = kept.find('AWS::S3::BucketPolicy', bucket)?.properties['PolicyDocument'];
  return policy === undefined ? [] : compilePolicy(policy, 'resource');
}

/** Permissions hold for the version or alias that they name, and for no other. */
function permissionsOf(functionArn: string, kept: KeptResources): readonly Statement[] {
  const own = kept
    .list('AWS::Lambda::Permission')
    .map(({ properties }) => properties)
    .filter(({ FunctionName: name }) => endsAlike(functionArn, String(name)));
  return compilePolicy({ Statement: own.map((each) => permission(each, functionArn)) }, 'resource');
}

function endsAlike(functionArn: string, name: string): boolean {
  const short = name.replace(/^arn:aws[\w-]*:lambda:[^:]*:\d*:function:/, '');
  return functionArn.endsWith(`:function:${short}`);
}

function permission(
  { Action, Principal: who, SourceArn, SourceAccount }: Mapping,
  Resource: string,
): Mapping {
  const isService = typeof who === 'string' && /^[\w-]+(\.[\w-]+)*\.amazonaws\.com$/.test(who);
  return {
    Effect: 'Allow',
    Action,
    Resource,
    Principal: who === '*' ? '*' : { [isService ? 'Service' : 'AWS']: who },
    Condition: {
      ...(SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': SourceArn } }),
      ...(SourceAccount === undefined ? {} : { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
    },
  };
}
