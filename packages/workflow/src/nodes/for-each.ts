import { type Json, StatebagError } from '@statebag/contracts';
import { isUploadName } from '@statebag/contracts/object-keys';
import { itemsTold } from '@statebag/state-core/core/items-told';
import { answerPlace } from './answer-place.ts';
import type { ConfigOf, ConfigRules } from './config-rules.ts';
import {
  defineNode,
  type HandOver,
  type NodeContext,
  type NodeOutcome,
  type OfBody,
  wrote,
} from './define-node.ts';
import { errorOfItems, failuresText, runInOrder } from './run-in-order.ts';

const DEFAULT_CONCURRENCY = 4;
const DEFAULT_MOST_ITEMS = 10_000;
/** Planning assumes this many items where the document does not say. */
const EXPECTED_ITEMS = 50;
const DEFAULT_BATCH = 50;
/** A list that would come back more often than this is left to many workers. */
const MOST_SEGMENTS = 4;

const rules = {
  items: {
    kind: 'expression',
    doc: 'The list. One value is a list of one, null an empty one. Give this or `upload`.',
  },
  when_missing: {
    kind: 'choice',
    of: ['fail', 'empty'],
    filled: 'fail',
    doc: 'What happens where `items` comes to nothing: `fail` fails the node, if not given otherwise; `empty` is an empty list. A filter that no member passes is an empty list either way.',
  },
  upload: {
    kind: 'template',
    doc: 'Name of an upload of the owner that holds the items, for `distributed` lists: `.jsonl` (one a line), `.json` (a list) or `.csv` (an object a row, by the names in the first).',
  },
  body: {
    kind: 'body',
    required: true,
    doc: 'Nodes that run for each item. What they write is seen by later nodes of the same item only.',
  },
  result: {
    kind: 'value',
    afterBody: true,
    doc: 'What is kept of an item; without it the value of the last node that wrote one.',
  },
  max_concurrency: {
    kind: 'integer',
    least: 1,
    most: 40,
    doc: 'Items at once; 4 if not given, 1 is one after the other. In a `distributed` list each worker counts for itself.',
  },
  max_items: {
    kind: 'integer',
    least: 1,
    most: 100_000,
    doc: 'More items than this are an error, never cut; 10,000 if not given.',
  },
  expected_items: {
    kind: 'integer',
    least: 1,
    doc: 'For planning only: how many items are usual; 50 if not given.',
  },
  distributed: {
    kind: 'choice',
    of: ['map_reduce', 'batched'],
    doc: 'Many workers share the items, up to 100 at once. `map_reduce`: each takes as many as time and size suggest; `batched`: each takes `batch_size`. A list that is expected to take much longer than a segment is distributed by itself. Inside of another list it runs like any other.',
  },
  batch_size: {
    kind: 'integer',
    least: 1,
    most: 1_000,
    doc: 'With `distributed: batched`: items a worker takes; 50 if not given.',
  },
  tolerated_failure_percentage: {
    kind: 'number',
    least: 0,
    most: 100,
    doc: 'With `distributed`: so many of a hundred items may fail; the result of each is null then. 0 if not given. Where all fail, the node fails.',
  },
} as const satisfies ConfigRules;

/** The config of a list. */
export type ForEachConfig = ConfigOf<typeof rules>;

/** Runs its body for every item of a list, a few at once, and keeps the results in the order of the items. */
export const forEach = defineNode({
  type: 'for_each',
  aliases: ['foreach', 'map'],
  doc: 'Runs its body once per item, in order or a few at once; the results are a list in the order of the items. In the body `$item` and `$index` are the item and its place.',
  rules,
  output: 'required',
  eachItem: true,
  cost: 'items',
  problems: (config) => [
    ...((config.items === undefined) === (config.upload === undefined)
      ? ['either `items` or `upload` is needed, and not both']
      : []),
    ...(config.upload !== undefined && config.distributed === undefined
      ? ['`upload` needs `distributed`']
      : []),
    ...(config.batch_size !== undefined && config.distributed !== 'batched'
      ? ['`batch_size` needs `distributed: batched`']
      : []),
    ...(config.tolerated_failure_percentage !== undefined && config.distributed === undefined
      ? ['`tolerated_failure_percentage` needs `distributed`']
      : []),
  ],
  expectedMillis,
  mostTurns: (config, { segmentMillis, ofBody }) => {
    const slowest = { ...config, expected_items: config.max_items ?? DEFAULT_MOST_ITEMS };
    return 1 + Math.ceil(expectedMillis(slowest, ofBody) / segmentMillis);
  },
  handsOver: {
    segment: 'map',
    when: ({ distributed }, planned) =>
      distributed !== undefined || planned.expectedMillis() > MOST_SEGMENTS * planned.segmentMillis,
  },
  run: async (context, config) => {
    if (context.node.hands_over) return handOver(context, config);
    const items = await itemsOf(context, config);
    const done = finishedBefore(context);
    const tolerated = toleratedOf(config, items.length);
    const { results, failures, stopped } = await runInOrder(
      { from: done.length, to: items.length, width: widthOf(config), tolerated },
      (index) => resultOfItem(context, config, { item: items[index] ?? null, index }),
      context,
    );
    const begun = done.length + results.length;
    context.tellItems(
      itemsTold(
        items.length,
        begun,
        failures.map(({ index }) => index),
      ),
    );
    if (stopped) throw errorOfItems(failures);
    const failed = failures.length > 0 ? `, ${failures.length} failed: ${failuresText(failures)}` : '';
    return outcomeOf(context, [...done, ...results], {
      total: items.length,
      summary: `${items.length} items${failed}`,
    });
  },
});

function expectedMillis({ body, max_concurrency, expected_items }: ForEachConfig, ofBody: OfBody): number {
  return (ofBody(body) * (expected_items ?? EXPECTED_ITEMS)) / (max_concurrency ?? DEFAULT_CONCURRENCY);
}

/** Leaves the list to many workers. Which items there are, they find out themselves. */
function handOver({ node, loop }: NodeContext, { distributed = 'map_reduce' }: ForEachConfig): HandOver {
  const request = { kind: 'map', ...answerPlace(node), strategy: distributed, loop, retry_of: null } as const;
  return {
    kind: 'hand-over',
    status: distributed === 'batched' ? 'BATCHED' : 'MAP_REDUCE',
    wait_until: null,
    request,
  };
}

/** The list. @throws `Node.TooManyItems` */
export async function itemsOf({ evaluator }: NodeContext, config: ForEachConfig): Promise<readonly Json[]> {
  if (config.items === undefined)
    throw new StatebagError('Node.Failed', 'an upload is read by the workers of a `distributed` list only');
  const items = await evaluator.list(config.items, config.when_missing);
  refuseMoreThan(config, items.length);
  return items;
}

/** @throws `Node.TooManyItems` */
export function refuseMoreThan({ max_items = DEFAULT_MOST_ITEMS }: ForEachConfig, count: number): void {
  if (count > max_items)
    throw new StatebagError('Node.TooManyItems', `${count} items; max_items is ${max_items}`);
}

/**
 * The name of the upload that holds the items, where one does. @throws `Pointer.Foreign` for a name that
 * could lead elsewhere
 */
export async function uploadOf(
  { evaluator }: NodeContext,
  { upload }: ForEachConfig,
): Promise<string | undefined> {
  if (upload === undefined) return undefined;
  const name = await evaluator.resolve(upload);
  if (typeof name === 'string' && isUploadName(name)) return name;
  throw new StatebagError(
    'Pointer.Foreign',
    'what `upload` comes to is not the name of an upload: ids joined by slashes',
  );
}

/** How many items run at once. */
export function widthOf({ max_concurrency = DEFAULT_CONCURRENCY }: ForEachConfig): number {
  return max_concurrency;
}

/** How many items a worker takes, where the document says it. */
export function batchOf({ distributed, batch_size = DEFAULT_BATCH }: ForEachConfig): number | undefined {
  return distributed === 'batched' ? batch_size : undefined;
}

/** How many of so many items may fail. */
function toleratedOf({ tolerated_failure_percentage = 0 }: ForEachConfig, total: number): number {
  return Math.min(Math.floor((total * tolerated_failure_percentage) / 100), total - 1);
}

function finishedBefore({ resume: { item, progress } }: NodeContext): readonly Json[] {
  return Array.isArray(progress) ? progress.slice(0, item) : [];
}

function outcomeOf(
  context: NodeContext,
  results: readonly Json[],
  { total, summary }: { readonly total: number; readonly summary: string },
): NodeOutcome {
  if (results.length < total) return { kind: 'yield', item: results.length, progress: results };
  return wrote(context.node, results, summary);
}

interface OneItem {
  readonly item: Json;
  readonly index: number;
}

/** Runs the body for one item and gives what is kept of it. */
export async function resultOfItem(
  context: NodeContext,
  { body, result }: ForEachConfig,
  { item, index }: OneItem,
): Promise<Json> {
  const variables = { item, index };
  const { written, last } = await context.runBody(body, { variables, step: { item: index } });
  return result === undefined ? last : context.evaluatorOver(written, variables).resolve(result);
}
