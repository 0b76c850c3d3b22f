import { type Condition, compileConditions } from './conditions.ts';
import { listOf, type Mapping, malformed, mappingOf } from './document.ts';
import { arnPattern, filled, type RequestContext, textPattern } from './patterns.ts';

/** What somebody asks to be allowed. */
export interface Asked {
  /** `s3:GetObject` */
  readonly action: string;
  /** ARN, or `*` for what is about no single resource. */
  readonly resource: string;
  /** Condition keys, written small, as `s3:prefix`. */
  readonly context?: RequestContext;
}

/** Who asks, as the policy of a resource names it. */
export type Principal =
  | { readonly kind: 'owner'; readonly account: string }
  | { readonly kind: 'role'; readonly account: string; readonly arn: string; readonly session: string }
  | { readonly kind: 'service'; readonly name: string };

/** One statement of a policy, ready to be asked. */
export interface Statement {
  /** Its Sid, or its place in the policy. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  /** Its place in its policy, from 0. */
  readonly place: number;
  /** Which of its actions and resources cover what is asked, as the policy writes them. */
  part(asked: Asked): StatementPart;
  /** Whether it is about an action at all; whoever asks often keeps the answer. */
  concerns(action: string): boolean;
  covers(asked: Asked): boolean;
  /** Whether it is about somebody. A statement of a role names nobody: it is about the role. */
  isAbout(principal: Principal): boolean;
  /** Whether it names somebody, not only the account: that leaves the decision to the caller's own policies. */
  names(principal: Principal): boolean;
}

/** Of a statement with `NotAction` or `NotResource` nothing covers by itself: those are empty and -1. */
export interface StatementPart {
  readonly action: string;
  /** Its place among the resources of the statement. */
  readonly resource: number;
}

/** How a policy is used: of a role, of a resource, or the one that says who may take on a role. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

const KNOWN: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
  'Principal',
  'NotPrincipal',
]);

/** Reads a policy. @throws MalformedPolicyDocument where IAM would, and for what is not evaluated here */
export function compilePolicy(document: unknown, kind: PolicyKind): readonly Statement[] {
  const { Statement: statements } = mappingOf(document, 'a policy');
  return listOf(statements).map((each, index) =>
    compileStatement(mappingOf(each, 'a statement'), { kind, place: index }),
  );
}

function compileStatement(
  statement: Mapping,
  { kind, place }: { readonly kind: PolicyKind; readonly place: number },
): Statement {
  const unknown = Object.keys(statement).find((member) => !KNOWN.has(member));
  if (unknown !== undefined) throw malformed(`a statement has no member ${unknown}`);
  const { Sid: sid, Effect: effect } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Effect is Allow or Deny, not ${effect}`);
  const concerns = actionsOf(statement);
  const about = resourcesOf(statement, kind);
  const conditions = compileConditions(statement['Condition']);
  return {
    name: typeof sid === 'string' && sid !== '' ? sid : `statement ${place + 1}`,
    place,
    part: (asked) => partOf(statement, asked),
    effect,
    concerns,
    covers: (asked) => concerns(asked.action) && about(asked) && holds(conditions, asked),
    ...(kind === 'identity' ? { isAbout: () => true, names: () => true } : principalsOf(statement)),
  };
}

function holds(conditions: readonly Condition[], { context = {} }: Asked): boolean {
  return conditions.every((condition) => condition(context));
}

function actionsOf({ Action: actions, NotAction: others }: Mapping): (action: string) => boolean {
  const [texts, wanted] = oneOfBoth('Action', actions, others);
  if (texts.length === 0) throw malformed('Policy statement must contain actions.');
  const patterns = texts.map((text) => textPattern(text.toLowerCase()));
  const known = new Map<string, boolean>();
  return (action) => {
    const kept = known.get(action);
    if (kept !== undefined) return kept;
    const found = patterns.some((matches) => matches(action.toLowerCase())) === wanted;
    known.set(action, found); // actions are few
    return found;
  };
}

/** Compiled anew: only a recording asks, and only once for each call. */
function partOf({ Action: actions, Resource: resources }: Mapping, asked: Asked): StatementPart {
  const action = listOf(actions)
    .map(textOf)
    .find((text) => textPattern(text.toLowerCase())(asked.action.toLowerCase()));
  const resource = listOf(resources)
    .map(textOf)
    .findIndex((text) => resourcePattern(text)(asked.resource, asked.context ?? {}));
  return { action: action ?? '', resource };
}

/** Who may take on a role is said without a resource: it is the role. */
function resourcesOf(
  { Resource: resources, NotResource: others }: Mapping,
  kind: PolicyKind,
): (asked: Asked) => boolean {
  if (kind === 'trust') return () => true;
  const [texts, wanted] = oneOfBoth('Resource', resources, others);
  if (texts.length === 0) throw malformed('Policy statement must contain resources.');
  const patterns = texts.map((text) => resourcePattern(text));
  return ({ resource, context = {} }) => patterns.some((matches) => matches(resource, context)) === wanted;
}

function resourcePattern(text: string): (resource: string, context: RequestContext) => boolean {
  if (text === '*') return () => true;
  if (!text.includes('${')) return arnPattern(text);
  return (resource, context) => {
    const pattern = filled(text, context);
    return pattern !== undefined && arnPattern(pattern)(resource);
  };
}

function principalsOf({
  Principal: named,
  NotPrincipal: others,
}: Mapping): Pick<Statement, 'isAbout' | 'names'> {
  if ((named === undefined) === (others === undefined))
    throw malformed('a policy of a resource has Principal or NotPrincipal');
  const wanted = others === undefined;
  const isListed = principalMatcher(wanted ? named : others);
  return {
    isAbout: (principal) => isListed(principal) === wanted,
    names: (principal) => (wanted ? isListed(principal, 'by name') : !isListed(principal)),
  };
}

function principalMatcher(named: unknown): (principal: Principal, how?: 'by name') => boolean {
  if (named === '*') return () => true;
  const { AWS: accounts, Service: services, ...rest } = mappingOf(named, 'Principal');
  const [other] = Object.keys(rest);
  if (other !== undefined) throw malformed(`principals of the kind ${other} are not evaluated here`);
  const [arns, names] = [listOf(accounts).map(String), listOf(services).map(withoutRegion)];
  return (principal, how) =>
    principal.kind === 'service'
      ? names.includes(principal.name)
      : arns.some((arn) => isNamed(arn, principal) || (how === undefined && isAccount(arn, principal)));
}

/** A service may be named as it is in one region: `states.eu-west-1.amazonaws.com`. */
function withoutRegion(service: unknown): string {
  return String(service).replace(/^(\w+)\.[a-z]{2}(?:-[a-z]+)+-\d\./, '$1.');
}

type Caller = Exclude<Principal, { kind: 'service' }>;

/** An account stands for everybody in it, as far as their own policies go. */
function isAccount(named: string, { account }: Caller): boolean {
  return named === account || named === `arn:aws:iam::${account}:root`;
}

function isNamed(named: string, principal: Caller): boolean {
  if (named === '*') return true;
  if (principal.kind === 'owner') return isAccount(named, principal);
  return named === principal.arn || named === arnOf(principal);
}

/** What messages call somebody; a role is called as whoever has taken it on. */
export function arnOf(principal: Principal): string {
  if (principal.kind === 'service') return principal.name;
  const { account } = principal;
  if (principal.kind === 'owner') return `arn:aws:iam::${account}:root`;
  return `arn:aws:sts::${account}:assumed-role/${principal.arn.split('/').at(-1)}/${principal.session}`;
}

function oneOfBoth(
  name: string,
  positive: unknown,
  negative: unknown,
): readonly [texts: readonly string[], wanted: boolean] {
  if (positive !== undefined && negative !== undefined)
    throw malformed(`a statement has ${name} or Not${name}, not both`);
  return negative === undefined
    ? [listOf(positive).map(textOf), true]
    : [listOf(negative).map(textOf), false];
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw malformed(`${JSON.stringify(value)} is no text`);
  return value;
}
