import { ApiError } from '@statebag/states';
import { escapeXml } from './error-forms.ts';
import type { Answer } from './request.ts';

/** A request of the query protocol: texts, lists and structures of them. */
export type QueryValue = string | readonly QueryValue[] | QueryInput;
export interface QueryInput {
  readonly [name: string]: QueryValue;
}

/** What an answer holds; undefined leaves a member out. */
export type QueryOutput =
  | undefined
  | string
  | number
  | boolean
  | readonly QueryOutput[]
  | { readonly [name: string]: QueryOutput };

/** A service behind forms and XML: its actions by name. */
export interface QueryService {
  readonly namespace: string;
  readonly actions: Readonly<Record<string, (input: QueryInput) => Promise<QueryOutput>>>;
}

/** Carries out the one action that a form names and renders its output. */
export async function answerQuery(
  { actions, namespace }: QueryService,
  { text, requestId }: { readonly text: string; readonly requestId: string },
): Promise<Answer> {
  const { Action: action = '', Version: _version, ...input } = parseQuery(text);
  const run = typeof action === 'string' && Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (run === undefined)
    throw new ApiError('InvalidAction', `${action} is not an operation of the local cloud`);
  const output = await run(input);
  const result = output === undefined ? '' : `<${action}Result>${rendered(output)}</${action}Result>`;
  const body = `<${action}Response xmlns="${namespace}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

/** `Tags.member.1.Key=x` is `{ Tags: [{ Key: 'x' }] }`; an empty list arrives as `Tags=`. */
export function parseQuery(text: string): QueryInput {
  const root: Branch = new Map();
  for (const [path, value] of new URLSearchParams(text)) plant(root, path.split('.'), value);
  return Object.fromEntries([...root].map(([name, value]) => [name, harvested(value)]));
}

type Branch = Map<string, string | Branch>;

function plant(branch: Branch, [name = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) {
    branch.set(name, value);
    return;
  }
  const known = branch.get(name);
  const next: Branch = known instanceof Map ? known : new Map();
  branch.set(name, next);
  plant(next, rest, value);
}

function harvested(value: string | Branch): QueryValue {
  if (typeof value === 'string') return value;
  const members = value.get('member');
  if (members instanceof Map && value.size === 1) return [...members.values()].map(harvested);
  return Object.fromEntries([...value].map(([name, each]) => [name, harvested(each)]));
}

function rendered(value: QueryOutput): string {
  if (value === undefined) return '';
  if (isList(value)) return value.map((each) => `<member>${rendered(each)}</member>`).join('');
  if (typeof value !== 'object') return escapeXml(String(value));
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => `<${name}>${rendered(each)}</${name}>`)
    .join('');
}

function isList(value: QueryOutput): value is readonly QueryOutput[] {
  return Array.isArray(value);
}
