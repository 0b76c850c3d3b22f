import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import type { Outside } from '@statebag/steps';
import {
  createProviders,
  type HttpRequest,
  type LlmProviders,
  type MetCall,
  type OwnNode,
  type OwnNodes,
} from '@statebag/workflow';

/** A call of a node to the outside, as a test sees it. */
export interface CallMade {
  readonly node: string;
  readonly kind: 'model' | 'http' | 'function' | 'node';
  /** Turns of the loops around it (`2.0`), its place in lists, and its branch; empty where there is none. */
  readonly loop: string;
  readonly item: string;
  readonly branch: string;
  /** What goes out: prompt and model, method and URL, function and event, config and state. */
  readonly asked: JsonObject;
}

/**
 * What answers the calls of a node: a value for each of them, or a function of the call. A function that throws
 * is a service that fails.
 */
export type Answers = Readonly<Record<string, Json | ((call: CallMade) => Json | Promise<Json>)>>;

/** What stands in the place of everything outside, and what it was asked. */
export interface AnsweredWays extends Pick<Outside, 'providers' | 'http' | 'invoke' | 'onCall'> {
  readonly calls: readonly CallMade[];
  /** What was asked that no answer was given for. */
  readonly missing: readonly CallMade[];
  /** Node types of the project, whose effects are answered where the test has an answer. */
  readonly answeredNodes: (nodes: OwnNodes) => OwnNodes;
}

type Place = Pick<CallMade, 'node' | 'loop' | 'item' | 'branch'>;

export function answeredWays(answers: Answers): AnsweredWays {
  const places = new Map<string, Place>();
  const calls: CallMade[] = [];
  const missing: CallMade[] = [];
  const made = (key: string, kind: CallMade['kind'], asked: JsonObject): CallMade => {
    const place = places.get(key.slice(0, KEY_CHARACTERS));
    if (!place) throw new Error(`a ${kind} call came by no ledger: ${key}`);
    const call = { ...place, kind, asked };
    calls.push(call);
    return call;
  };
  const answered = async (call: CallMade): Promise<Json> => {
    const answer = Object.hasOwn(answers, call.node) ? answers[call.node] : undefined;
    if (answer === undefined) {
      missing.push(call);
      throw new StatebagError('Node.Failed', `the test gives no answer for it`);
    }
    return typeof answer === 'function' ? answer(call) : answer;
  };
  return {
    calls,
    missing,
    answeredNodes: (nodes) =>
      new Map([...nodes].map(([type, node]) => [type, withAnswers(node, { made, answered, answers })])),
    onCall: (met) => void places.set(met.key, placeOf(met)),
    providers: modelsThat({ made, answered, answers }),
    http: async (request) => httpAnswer(await answered(made(keyOf(request), 'http', httpAsked(request)))),
    invoke: ({ function_arn, event, idempotency_key }) =>
      answered(made(idempotency_key, 'function', { function_arn, event })),
  };
}

/** A node without an effect calls nothing outside. One with an effect that the test does not answer is run. */
function withAnswers(node: OwnNode, { made, answered, answers }: Asked): OwnNode {
  if (node.effect === null) return node;
  return {
    ...node,
    run: (turn) => {
      const { config, state } = turn;
      const call = made(turn.key, 'node', JSON.parse(JSON.stringify({ config, state })));
      return Object.hasOwn(answers, call.node) ? answered(call) : node.run(turn);
    },
  };
}

/** Further tries of one call have a number behind the key. */
const KEY_CHARACTERS = 64;

function placeOf({ place: { node_id, loop, item }, branch_path }: MetCall): Place {
  return { node: node_id, loop, item, branch: branch_path };
}

interface Asked {
  readonly made: (key: string, kind: CallMade['kind'], asked: JsonObject) => CallMade;
  readonly answered: (call: CallMade) => Promise<Json>;
  readonly answers: Answers;
}

/** Models of the provider `mock` answer by themselves where the test has nothing to say. */
function modelsThat({ made, answered, answers }: Asked): LlmProviders {
  const mock = createProviders();
  return async (name) => ({
    async complete(request) {
      const { model, prompt, system, earlier, files, response_schema } = request;
      const call = made(request.idempotency_key, 'model', {
        provider: name,
        model,
        prompt,
        ...(system !== undefined && { system }),
        ...(earlier !== undefined && { earlier: [...earlier] }),
        ...(files !== undefined && { files: files.map((file) => file.name) }),
      });
      if (name === 'mock' && !Object.hasOwn(answers, call.node))
        return (await mock('mock')).complete(request);
      const value = await answered(call);
      const text = response_schema || typeof value !== 'string' ? JSON.stringify(value) : value;
      return { text, input_tokens: tokensOf(prompt), output_tokens: tokensOf(text) };
    },
  });
}

const CHARACTERS_PER_TOKEN = 4;
const tokensOf = (text: string) => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

function keyOf({ headers }: HttpRequest): string {
  return headers['idempotency-key'] ?? '';
}

function httpAsked({ method, url, headers, body }: HttpRequest): JsonObject {
  const { 'idempotency-key': _key, ...own } = headers;
  return { method, url, headers: own, body: body === null ? null : body.text };
}

/** A body alone is an answer of 200; `{ status, headers?, body? }` says it all. */
function httpAnswer(value: Json) {
  const whole =
    isJsonObject(value) && typeof value['status'] === 'number' ? value : { status: 200, body: value };
  const { status, headers = {}, body = null } = whole;
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain' : 'application/json';
  return {
    status: Number(status),
    headers: { 'content-type': type, ...(isJsonObject(headers) && textsOf(headers)) },
    text: isText ? body : JSON.stringify(body),
  };
}

function textsOf(headers: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}
