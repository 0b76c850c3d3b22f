import { type Json, StatebagError } from '@statebag/contracts';
import type { Flow } from '../compile/flow.ts';
import { defineNode, type NodeContext, type NodeOutcome, wrote } from './define-node.ts';

const DEFAULT_CONCURRENCY = 4;
const DEFAULT_MOST_ITEMS = 10_000;
/** Planning assumes this many items where the document does not say. */
const EXPECTED_ITEMS = 50;

/** Runs its body for every item of a list, a few at once, and keeps the results in the order of the items. */
export const forEach = defineNode({
  type: 'for_each',
  doc: 'Runs its body once per item, in order or a few at once; the results are a list in the order of the items. In the body `$item` and `$index` are the item and its place.',
  rules: {
    items: { kind: 'expression', required: true, doc: 'The list. Nothing is an empty list, one value a list of one.' },
    body: { kind: 'body', required: true, doc: 'Nodes that run for each item. What they write is seen by later nodes of the same item only.' },
    result: { kind: 'value', afterBody: true, doc: 'What is kept of an item; without it the value of the last node that wrote one.' },
    max_concurrency: { kind: 'integer', least: 1, most: 40, doc: 'Items at once; 4 if not given, 1 is one after the other.' },
    max_items: { kind: 'integer', least: 1, most: 100_000, doc: 'More items than this are an error, never cut; 10,000 if not given.' },
    expected_items: { kind: 'integer', least: 1, doc: 'For planning only: how many items are usual; 50 if not given.' },
  },
  output: 'required',
  expectedMillis: ({ body, max_concurrency, expected_items }, ofBody) =>
    (ofBody(body) * (expected_items ?? EXPECTED_ITEMS)) / (max_concurrency ?? DEFAULT_CONCURRENCY),
  run: async (context, config) => {
    const items = await context.evaluator.list(config.items);
    const most = config.max_items ?? DEFAULT_MOST_ITEMS;
    if (items.length > most) throw new StatebagError('Node.TooManyItems', `${items.length} items; max_items is ${most}`);
    const done = finishedBefore(context);
    const runItem = (index: number) => resultOfItem(context, config, { item: items[index] ?? null, index });
    const { results, error } = await runInOrder(
      { from: done.length, to: items.length, width: config.max_concurrency ?? DEFAULT_CONCURRENCY },
      runItem,
      context,
    );
    if (error) throw error.cause;
    return outcomeOf(context, [...done, ...results], items.length);
  },
});

function finishedBefore({ resume: { item, progress } }: NodeContext): readonly Json[] {
  return Array.isArray(progress) ? progress.slice(0, item) : [];
}

function outcomeOf(context: NodeContext, results: readonly Json[], total: number): NodeOutcome {
  if (results.length < total) return { kind: 'yield', item: results.length, progress: results };
  return wrote(context.node, results, `${total} items`);
}

interface OneItem {
  readonly item: Json;
  readonly index: number;
}

async function resultOfItem(context: NodeContext, config: { readonly body: Flow; readonly result?: Json }, { item, index }: OneItem): Promise<Json> {
  const variables = { item, index };
  const { written, last } = await context.runBody(config.body, { variables, step: { item: index } });
  return config.result === undefined ? last : context.evaluatorOver(written, variables).resolve(config.result);
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

interface Finished {
  readonly results: readonly Json[];
  readonly error: { readonly cause: unknown } | null;
}

/**
 * Starts items in order, `width` at once, until all are started, one failed, or time runs out. Every started item is waited for,
 * so what is finished is always the first so many, and nothing goes on behind the caller's back. At least one item runs.
 */
async function runInOrder({ from, to, width }: Span, runItem: (index: number) => Promise<Json>, context: NodeContext): Promise<Finished> {
  const results: Json[] = [];
  const errors = new Map<number, unknown>();
  let next = from;
  let slowest = 0;
  async function worker(): Promise<void> {
    while (next < to && errors.size === 0 && (next === from || !context.isShortOf(slowest))) {
      const index = next++;
      const started = context.clock();
      try {
        results[index - from] = await runItem(index);
      } catch (cause) {
        errors.set(index, cause); // thrown by the caller once the others have come to rest; the first item's error counts
      }
      slowest = Math.max(slowest, context.clock() - started);
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, to - from) }, worker));
  const first = [...errors.keys()].sort((left, right) => left - right)[0];
  return { results, error: first === undefined ? null : { cause: errors.get(first) } };
}
