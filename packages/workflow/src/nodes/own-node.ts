import {
  isJsonObject,
  isStatebagError,
  type Json,
  type JsonObject,
  StatebagError,
} from '@statebag/contracts';
import type { Turn } from '@statebag/node';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import { toJson } from '../expressions/to-json.ts';
import { placeInCode } from '../own/code-place.ts';
import type { OwnNode } from '../own/own-nodes.ts';
import { type Hide, hiding } from '../secrets/hidden-texts.ts';
import { hiddenIn, hiddenJson } from '../secrets/reveal.ts';
import type { ConfigOf, ConfigRules } from './config-rules.ts';
import { defineNode, type NodeContext, type NodeDefinition, type NodeOutcome, wrote } from './define-node.ts';
import { RETRY_RULE } from './retry.ts';

/** What is compiled of a node of a project's own type: its config, and what its declaration says of it. */
export const OWN_RULES = {
  config: { kind: 'value', doc: 'What the schema of the node type says; its texts may hold expressions.' },
  version: { kind: 'text', doc: 'The version of the declaration.' },
  effect: { kind: 'choice', of: ['once', 'idempotent'], doc: 'What the node does outside.' },
  writes: { kind: 'names', doc: 'Fields that its result has as members.' },
  retry: RETRY_RULE,
  expected_ms: { kind: 'integer', least: 1, doc: 'For planning only.' },
} as const satisfies ConfigRules;

export type OwnConfig = ConfigOf<typeof OWN_RULES>;

const shape = {
  type: 'own',
  doc: 'A node type that the project declares.',
  rules: OWN_RULES,
  output: 'optional',
  sendsView: true,
  expectedMillis: ({ expected_ms }: OwnConfig) => expected_ms ?? 50,
  writes: ({ writes }: OwnConfig) => writes ?? [],
  run: runOwn,
} as const;

const within = defineNode(shape);
const outside = defineNode({ ...shape, outsideCall: true });

/** What there is to know about a node of a project's own type. */
export function ownDefinition({ config }: { readonly config?: JsonObject }): NodeDefinition {
  return config?.['effect'] === undefined ? within : outside;
}

async function runOwn(context: NodeContext, { config = {}, writes }: OwnConfig): Promise<NodeOutcome> {
  const own = await context.own(context.node.type);
  const given = await context.evaluator.resolve(config);
  const turn: Turn = {
    config: checkedConfig(own, given),
    state: structuredClone(context.view()),
    now: context.now,
  };
  const value =
    own.effect === null
      ? await resultOf(own, () => own.run(turn as Parameters<OwnNode['run']>[0])) // without an effect it takes no more
      : await called(own, turn, context, given);
  if (writes === undefined) return wrote(context.node, value);
  return { kind: 'done', writes: membersOf(own, value, writes) };
}

function checkedConfig(own: OwnNode, given: Json): unknown {
  if (!isJsonObject(given)) throw new StatebagError('Node.Failed', 'its config is not an object');
  const checked = own.check(given);
  if (checked.ok) return checked.value;
  const [{ path, message }] = checked.problems;
  throw new StatebagError('Node.Failed', `${['config', ...path].join('.')}: ${message}`);
}

/** Through the ledger: what an earlier attempt recorded is given back. */
async function called(own: OwnNode, turn: Turn, context: NodeContext, given: Json): Promise<Json> {
  const { value = null } = await context.call({
    input: { config: given, state: context.view() },
    unsafe: own.effect === 'once' ? 'fail' : false,
    perform: async (key) => {
      const values: string[] = [];
      const secret = async (name: string) => {
        const found = await context.secret(name);
        values.push(found);
        return found;
      };
      const millis = context.timeLeft(own.timeoutMs);
      const signal = AbortSignal.timeout(millis);
      const hide: Hide = (text) => hiding(values)(text);
      const made = await resultOf(own, () =>
        endedInTime(Promise.resolve(own.run({ ...turn, key, signal, secret })), signal, millis),
      ).catch(hiddenIn(hide));
      return { result: { value: hiddenJson(made, hide) }, usage: NO_USAGE };
    },
  });
  return value;
}

/** A call that does not listen to its signal is left alone. */
async function endedInTime(work: Promise<unknown>, signal: AbortSignal, millis: number): Promise<unknown> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const onAbort = () =>
    reject(
      new StatebagError('Function.Unavailable', `it was not ready after ${millis} ms`, {
        details: { end: 'unknown' },
      }),
    );
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function resultOf(own: OwnNode, work: () => unknown): Promise<Json> {
  try {
    return asJson(await work());
  } catch (error) {
    throw failureOf(own, error);
  }
}

function asJson(value: unknown): Json {
  try {
    return toJson(value ?? null);
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    throw new StatebagError('Node.Failed', error.message, { cause: error, details: { end: 'unknown' } });
  }
}

/** With the place in the project's code, and with how far an effect came where the failure says so. */
function failureOf(own: OwnNode, error: unknown): StatebagError {
  if (isStatebagError(error)) return error;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const { mayPass = false, nothingDone = false } = Object(error) as {
    readonly mayPass?: boolean;
    readonly nothingDone?: boolean;
  }; // whatever was thrown; a NodeFailure has them
  const place = own.folder === null ? null : placeInCode(error, own.folder);
  const what = name === 'Error' || name === 'NodeFailure' || name === '' ? message : `${name}: ${message}`;
  return new StatebagError(
    mayPass ? 'Function.Unavailable' : 'Node.Failed',
    place === null ? what : `${place}: ${what}`,
    { cause: error, details: own.effect === null ? {} : { end: nothingDone ? 'not_sent' : 'unknown' } },
  );
}

function membersOf({ type }: OwnNode, value: Json, names: readonly string[]): JsonObject {
  const given = isJsonObject(value) ? value : {};
  const missing = names.filter((name) => !Object.hasOwn(given, name));
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  if (!isJsonObject(value) || missing.length + unknown.length > 0)
    throw new StatebagError(
      'Node.Failed',
      `${type} declares that it writes ${names.join(', ')}, and gave ${isJsonObject(value) ? Object.keys(value).join(', ') || 'nothing' : 'no object'}`,
    );
  return value;
}
