import { byteSizeOf } from '@statebag/state-core';
import { type CompiledNode, definitionOf, LIST_PRICES, nestedFlows } from '@statebag/workflow';
import { elementsOf } from '../expression/sequences.ts';
import { textOfShape } from '../expression/text-of-shape.ts';
import { bytesOf, type LooseEnd, type Shape } from '../shape/shape.ts';
import { type Counts, type Course, counted, NO_COUNTS, sumOf, timesOf } from './counts.ts';
import type { Sight } from './sight.ts';

/** What is known of every node, and what was found to have no bound. */
export interface NodeFacts {
  readonly seen: ReadonlyMap<string, Sight>;
  readonly loose: LooseEnd[];
  readonly course: Course;
}

const DEFAULT_ITEMS = 10_000;

/** How often what is inside of a node runs in one turn of it. */
export function turnsInside({ id, type, config }: CompiledNode, { seen }: NodeFacts): number {
  if (type === 'loop') return Number(config['max_iterations'] ?? 1);
  if (type !== 'for_each') return 1;
  const items = seen.get(id)?.items;
  const most = items === undefined ? Infinity : elementsOf(items).most;
  return Math.min(most, Number(config['max_items'] ?? DEFAULT_ITEMS));
}

/** Calls, tokens and time of one turn of a node, with what is inside of it. */
export function countsOfNode(node: CompiledNode, facts: NodeFacts): Counts {
  const inside = nestedFlows(node).flatMap(({ nodes }) => Object.values(nodes));
  const own =
    BY_TYPE[node.type]?.(node, facts) ?? (definitionOf(node).outsideCall ? ownCall(node) : EVALUATED);
  const waited = counted({ seconds: facts.course === 'worst' ? waitsBetween(node) : 0 });
  if (inside.length === 0) return sumOf([own, waited]);
  return sumOf([
    own,
    waited,
    timesOf(sumOf(inside.map((each) => countsOfNode(each, facts))), turnsInside(node, facts)),
  ]);
}

/** Processor time of the expressions of a node, each of which ends after a second. */
const EVALUATED = counted({ seconds: 5 });
const LONGEST_CALL_S = 900;

const attemptsOf = ({ config }: CompiledNode): number => {
  const retry = config['retry'];
  return typeof retry === 'object' && retry !== null && 'attempts' in retry ? Number(retry.attempts) : 1;
};

const LONGEST_WAIT_S = 86_400;

/** Seconds between the attempts of a node, each wait longer than the one before. */
function waitsBetween({ config }: CompiledNode): number {
  const { attempts = 1, interval_s = 1, backoff = 2 } = Object(config['retry']);
  const waits = Array.from({ length: Number(attempts) - 1 }, (_, made) =>
    Math.min(Number(interval_s) * Number(backoff) ** made, LONGEST_WAIT_S),
  );
  return waits.reduce((sum, wait) => sum + wait, 0);
}

const call = (node: CompiledNode): Counts => {
  const seconds = Number(node.config['timeout_ms'] ?? 60_000) / 1_000;
  const once = counted({ seconds: Math.min(seconds, LONGEST_CALL_S), s3_puts: 3, s3_gets: 3 });
  return timesOf(once, attemptsOf(node));
};

/** A node of the project says itself how long its call may take, at most as long as an invocation. */
const ownCall = (node: CompiledNode): Counts =>
  timesOf(counted({ seconds: LONGEST_CALL_S, s3_puts: 3, s3_gets: 3 }), attemptsOf(node));

const BY_TYPE: Readonly<Record<string, (node: CompiledNode, facts: NodeFacts) => Counts>> = {
  llm_chat: modelCall,
  api_call: call,
  lambda: call,
  wait: () => NO_COUNTS,
  human_approval: () => NO_COUNTS,
};

const DEFAULT_TRIES = 2;
/** Roles, separators and the like around each question. */
const FRAMING_TOKENS = 1_000;

function modelCall(node: CompiledNode, facts: NodeFacts): Counts {
  const { config, id } = node;
  const { model = 'default', provider = 'mock', response_schema } = config;
  const tries = response_schema === undefined ? 1 : Number(config['tries'] ?? DEFAULT_TRIES);
  const calls = tries * attemptsOf(node);
  const question = { input_tokens: inputTokens(node, facts), output_tokens: outputTokens(node, facts) };
  const price = LIST_PRICES.costOf(String(model), question);
  const tokens = timesOf(
    counted({ ...question, nano_usd: provider === 'mock' ? 0 : price, llm_calls: 1 }),
    calls,
  );
  if (config['files'] !== undefined)
    facts.loose.push({
      of: `files of ${id}`,
      at: '',
      keyword: null,
      mend: 'tokens of files are not counted: limit `max_tokens` in `options`',
    });
  const seconds = Number(config['timeout_ms'] ?? (node.hands_over ? 840_000 : 60_000)) / 1_000;
  return sumOf([
    tokens,
    counted({ seconds: Math.min(seconds * calls, calls * LONGEST_CALL_S), s3_puts: 3, s3_gets: 3 }),
  ]);
}

/** What is added to a question whose last answer did not obey the schema. */
const COMPLAINT_BYTES = 4_096;

/** A token stands for one byte at least. */
function inputTokens({ id, config }: CompiledNode, { seen }: NodeFacts): number {
  const asked = seen.get(id)?.asked;
  const schema = config['response_schema'];
  const files = config['files'] === undefined ? 0 : Infinity;
  const form = schema === undefined ? 0 : 2 * byteSizeOf(schema) + COMPLAINT_BYTES;
  return (asked === undefined ? 0 : bytesOfTexts(asked)) + FRAMING_TOKENS + form + files;
}

function bytesOfTexts(asked: Shape): number {
  const members = asked.object ? [...asked.object.members.values()] : [asked];
  return members.reduce((sum, member) => {
    const { chars, inner } = textOfShape(member);
    return sum + Math.min(inner, 4 * chars);
  }, 0);
}

function outputTokens({ id, config }: CompiledNode, { seen, loose }: NodeFacts): number {
  const { max_tokens, provider = 'mock' } = config;
  if (max_tokens !== undefined) return Number(max_tokens);
  if (provider === 'mock') return bytesOf(answerOf(id, seen));
  loose.push({
    of: `answer of ${id}`,
    at: '',
    keyword: 'max_tokens',
    mend: 'say how long the answer may be, or limit `max_tokens` in `options`',
  });
  return Infinity;
}

function answerOf(id: string, seen: NodeFacts['seen']): Shape {
  const sight = seen.get(id);
  const key = sight?.node.output_key ?? '';
  const use = sight?.node.use?.writes;
  const members = sight?.after.members;
  const value = members?.get(use === undefined || use === '' ? key : `__in/${use}/${key}`);
  return value ?? { absent: true, plain: Infinity, text: null, list: null, object: null, any: null };
}
