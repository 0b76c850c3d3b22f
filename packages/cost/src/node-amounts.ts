import {
  type CompiledNode,
  type CostKind,
  definitionOf,
  type Flow,
  nestedFlows,
  type PriceList,
  waysFrom,
} from '@statebag/workflow';
import { type Amounts, NOTHING, priced, sum, times } from './amounts.ts';
import {
  ASSUMED,
  CHARACTERS_PER_TOKEN,
  DEFAULT_ITEMS,
  DEFAULT_ITERATIONS,
  DEFAULT_LIST_WIDTH,
  FUNCTION_GB,
  INVOCATION_LIMIT_MS,
  type Mode,
} from './assumptions.ts';

/** How a figure is assumed, and what models cost. */
export interface Estimating {
  readonly mode: Mode;
  readonly prices: PriceList;
}

/** What a node adds to the segment that runs it, its bodies included. */
export function amountsOfNode(node: CompiledNode, by: Estimating): Amounts {
  const inside = sum(nestedFlows(node).map((flow) => amountsOfFlow(flow, by)));
  return BY_KIND[definitionOf(node).cost](node, by, inside);
}

/** By the kind of cost that a node type declares: what a node takes, given what is inside of it. */
const BY_KIND: Readonly<Record<CostKind, (node: CompiledNode, by: Estimating, inside: Amounts) => Amounts>> =
  {
    inside: (_, __, inside) => inside,
    model: modelCall,
    call: (_, { mode }) => outsideCall(mode),
    person: () => ({
      ...NOTHING,
      transitions: 3,
      lambda_requests: 2,
      dynamodb_writes: 3,
      dynamodb_reads: 1,
      events: 1,
    }),
    time: () => ({ ...NOTHING, transitions: 1 }),
    items: (node, { mode }, inside) => listOf(inside, node, mode),
    turns: (node, { mode }, inside) =>
      node.begins_again_at === undefined ? times(inside, iterationsOf(node, mode)) : inside,
  };

/** What one way through a flow takes: the cheapest, or the dearest. */
export function amountsOfFlow(flow: Flow, by: Estimating): Amounts {
  const known = new Map<string, Amounts>();
  const from = (id: string): Amounts => {
    const node: CompiledNode | undefined = flow.nodes[id];
    if (!node) return NOTHING;
    const before = known.get(id);
    if (before) return before;
    const amounts = sum([amountsOfNode(node, by), chosen(waysFrom(flow, node).map(from), by.mode)]);
    known.set(id, amounts);
    return amounts;
  };
  return from(flow.entry);
}

/** Of several ways the one that the mode asks for; a usual run is taken to go the dearest. */
export function chosen(ways: readonly Amounts[], mode: Mode): Amounts {
  const sorted = [...ways].sort((left, right) => weightOf(left) - weightOf(right));
  return (mode === 'least' ? sorted[0] : sorted.at(-1)) ?? NOTHING;
}

/** Ways of equal price are told apart by their tokens: the mock's are free. */
function weightOf(amounts: Amounts): number {
  return priced(amounts).total + (amounts.input_tokens + amounts.output_tokens) * 1e-12;
}

/** How often a loop turns. */
export function iterationsOf({ config }: CompiledNode, mode: Mode): number {
  const most = Number(config['max_iterations'] ?? DEFAULT_ITERATIONS.most);
  if (mode === 'most') return most;
  return mode === 'least'
    ? DEFAULT_ITERATIONS.least
    : Math.min(most, Number(config['expected_iterations'] ?? DEFAULT_ITERATIONS.usual));
}

/**
 * Items run side by side, so the invocation waits for a part of them only; what does not fit into one goes on
 * in the next.
 */
function listOf(body: Amounts, { config }: CompiledNode, mode: Mode): Amounts {
  const items = {
    least: DEFAULT_ITEMS.least,
    usual: Number(config['expected_items'] ?? DEFAULT_ITEMS.usual),
    most: Number(config['max_items'] ?? DEFAULT_ITEMS.most),
  }[mode];
  const all = times(body, items);
  const seconds = all.lambda_gb_seconds / Number(config['max_concurrency'] ?? DEFAULT_LIST_WIDTH);
  const more = Math.floor((seconds * 1_000) / FUNCTION_GB / INVOCATION_LIMIT_MS);
  return {
    ...all,
    lambda_gb_seconds: seconds,
    transitions: all.transitions + 3 * more,
    lambda_requests: all.lambda_requests + 2 * more,
  };
}

function modelCall({ config, reads, hands_over }: CompiledNode, { mode, prices }: Estimating): Amounts {
  const assumed = ASSUMED[mode];
  const { system = '', messages, prompt = '' } = config;
  const written = Array.isArray(messages) ? JSON.stringify(messages) : '';
  const text = `${String(system)}${written}${String(prompt)}`;
  const tries = mode === 'most' && config['response_schema'] !== undefined ? Number(config['tries'] ?? 2) : 1;
  const longest = Number(config['max_tokens'] ?? ASSUMED.most.answerTokens);
  const input_tokens =
    tries *
    (Math.ceil(literalText(text).length / CHARACTERS_PER_TOKEN) +
      assumed.tokensPerField * (reads?.length ?? assumed.inputFields));
  const output_tokens = tries * (mode === 'most' ? longest : Math.min(assumed.answerTokens, longest));
  const millis =
    mode === 'most'
      ? Number(config['timeout_ms'] ?? assumed.modelMs)
      : Math.min(assumed.modelMs, Number(config['expected_ms'] ?? assumed.modelMs));
  const call = {
    ...outsideCall(mode),
    llm_calls: tries,
    input_tokens,
    output_tokens,
    lambda_gb_seconds: (tries * millis * FUNCTION_GB) / 1_000,
    tokens_nano_usd: prices.costOf(String(config['model'] ?? 'default'), { input_tokens, output_tokens }),
  };
  return hands_over ? { ...call, transitions: 3, lambda_requests: 2, dynamodb_writes: 2 } : call;
}

/** The ledger is looked into before a call and written after it; an unsafe call leaves its intent as well. */
function outsideCall(mode: Mode): Amounts {
  return {
    ...NOTHING,
    s3_gets: mode === 'most' ? 2 : 1,
    s3_puts: mode === 'most' ? 2 : 1,
    lambda_gb_seconds: (ASSUMED[mode].invocationMs * FUNCTION_GB) / 1_000,
  };
}

/** A template without what will be filled in. */
function literalText(template: string): string {
  return template.replaceAll(/\{\{[\s\S]*?\}\}/g, '');
}
