import { isStatebagError, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import type { NodeId } from '@statebag/contracts/ids';
import type { ErrorInfo, Usage } from '@statebag/contracts/schemas/history';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import { readsOfValue, scopedReads } from '../compile/compile-flow.ts';
import { millisOfBody } from '../compile/expected-cost.ts';
import { readsOfFlow, surelyReplacedBy } from '../compile/flow-reads.ts';
import type { SegmentDefinition } from '../compile/segment-definition.ts';
import { cachedParser } from '../expressions/create-evaluator.ts';
import type { ReadSet } from '../expressions/read-set.ts';
import { toJson } from '../expressions/to-json.ts';
import { unrecordedLedger } from '../ledger/unrecorded-ledger.ts';
import type { NodeContext } from '../nodes/define-node.ts';
import type { CompiledNode } from '../nodes/flow.ts';
import {
  batchOf,
  type ForEachConfig,
  itemsOf,
  refuseMoreThan,
  resultOfItem,
  uploadOf,
  widthOf,
} from '../nodes/for-each.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { errorOfItems, mayPass, runInOrder } from '../nodes/run-in-order.ts';
import { depsOf, type Ways } from './flow-run.ts';
import { nodeContext } from './run-flow.ts';
import type { SegmentInvocation } from './run-segment.ts';
import { workingState } from './working-state.ts';

/**
 * A list that many workers share: which node of which segment, on which turn of its loops, and what one of
 * them works with.
 */
export interface MapInvocation
  extends Ways,
    Pick<SegmentInvocation, 'segment' | 'state' | 'deadline' | 'clock' | 'ledger' | 'providers'> {
  readonly run: Pick<SegmentInvocation['run'], 'execution_id' | 'start_time' | 'now'>;
  readonly node_id: NodeId;
  readonly loop: string;
}

/** Finding out which items there are makes no outside calls. */
export type ListInvocation = Omit<MapInvocation, 'ledger' | 'providers' | keyof Ways> &
  Pick<Ways, 'showsValues'>;

/** What a map needs to know of its node before anything runs. */
export interface MapSettings {
  /** Items a worker takes, where the document says it. */
  readonly batch: number | undefined;
  readonly width: number;
  readonly expectedMillisPerItem: number;
  readonly toleratedFailurePercentage: number;
  readonly reducer: CompiledNode['reducers'][string] | null;
  /** @throws `Node.TooManyItems` */
  readonly refuseMore: (count: number) => void;
}

/** The list of a map: its items, or the name of the upload that holds them. */
export type MapSource =
  | { readonly kind: 'items'; readonly items: readonly Json[] }
  | { readonly kind: 'upload'; readonly name: string };

/** The node of a map. @throws `Definition.SegmentUnknown` where the segment has no such list */
export function mapNodeOf({ segment_id, flow }: SegmentDefinition, node_id: NodeId): CompiledNode {
  const node = flow.nodes[node_id];
  if (node && definitionOf(node).eachItem) return node;
  throw new StatebagError('Definition.SegmentUnknown', `segment ${segment_id} has no list ${node_id}`);
}

export function mapSettings(node: CompiledNode): MapSettings {
  const config = configOf(node);
  return {
    batch: batchOf(config),
    width: widthOf(config),
    expectedMillisPerItem: millisOfBody(config.body),
    toleratedFailurePercentage: config.tolerated_failure_percentage ?? 0,
    reducer: node.reducers[node.output_key ?? ''] ?? null,
    refuseMore: (count) => refuseMoreThan(config, count),
  };
}

/** The fields that the list itself is made of. */
export function readsOfItems(node: CompiledNode): readonly string[] | 'all' {
  const { items = null, upload = null } = configOf(node);
  return within(node, ownReads(node, [items, upload]));
}

/** The fields that its items are worked on with; the list itself, often large, is none of them. */
export function readsOfBody(node: CompiledNode): readonly string[] | 'all' {
  const { body, result = null } = configOf(node);
  const written = surelyReplacedBy(body);
  const after = ownReads(node, result).map((reads) =>
    reads === 'all' ? reads : new Set([...reads].filter((field) => !written.has(field))),
  );
  return within(node, [readsOfFlow(body), ...after]);
}

/** What expressions of the node read, by the names of the state. */
function ownReads({ use }: CompiledNode, value: Json): ReadSet[] {
  return readsOfValue(value, cachedParser()).map((reads) => scopedReads(use, reads));
}

function within({ reads }: CompiledNode, wanted: readonly ReadSet[]): readonly string[] | 'all' {
  if (wanted.includes('all')) return reads ?? 'all';
  return [...new Set(wanted.flatMap((fields) => (fields === 'all' ? [] : [...fields])))].sort();
}

/** Which items there are. */
export async function listItems(map: ListInvocation): Promise<MapSource> {
  const { context, config } = open(
    { ...map, ledger: unrecordedLedger(map.run.execution_id), providers: noProviders },
    () => undefined,
  );
  const name = await uploadOf(context, config);
  return name === undefined
    ? { kind: 'items', items: await itemsOf(context, config) }
    : { kind: 'upload', name };
}

/** An item and its place in the whole list; it is loaded when its turn comes. */
export interface PlacedItem {
  readonly index: number;
  readonly item: () => Promise<Json>;
}

/** What an item came to; its value as it is kept. */
export type ItemEnd<Kept> =
  | { readonly index: number; readonly kept: Kept }
  | { readonly index: number; readonly error: ErrorInfo };

export interface ItemsEnd<Kept> {
  /** Of the first so many items; all of them unless time ran out. */
  readonly ends: readonly ItemEnd<Kept>[];
  readonly usage: Usage;
}

export interface ItemsWork<Kept> {
  /** What becomes of a value as soon as it is there. */
  readonly keep: (value: Json) => Promise<Kept>;
  /** An error that may pass is the item's own when nobody tries again. */
  readonly isLastTry: boolean;
}

/**
 * Runs the body of a list for some of its items. One that fails is a result like any other; an error that may
 * pass is thrown
 * as long as there is another try, and the ledger makes that try cheap.
 */
export async function runItems<Kept extends JsonObject>(
  map: MapInvocation,
  items: readonly PlacedItem[],
  { keep, isLastTry }: ItemsWork<Kept>,
): Promise<ItemsEnd<Kept>> {
  let usage = NO_USAGE;
  const { context, config } = open(map, (more) => {
    usage = addUsage(usage, more);
  });
  const work = async ({ index, item }: PlacedItem): Promise<ItemEnd<Kept>> => {
    try {
      return {
        index,
        kept: await keep(toJson(await resultOfItem(context, config, { index, item: await item() }))),
      };
    } catch (error) {
      if (!isLastTry && mayPass(error)) throw error;
      return { index, error: infoOf(error, map.node_id) };
    }
  };
  const span = { from: 0, to: items.length, width: widthOf(config), tolerated: 0 };
  const { results, failures, stopped } = await runInOrder(
    span,
    (place) => work(itemAt(items, place)),
    context,
  );
  if (stopped) throw errorOfItems(failures);
  return { ends: results.filter((end) => end !== null), usage };
}

function itemAt(items: readonly PlacedItem[], place: number): PlacedItem {
  const item = items[place];
  if (item) return item;
  throw new RangeError(`there is no item ${place}`);
}

function noProviders(name: string): Promise<never> {
  return Promise.reject(
    new StatebagError('Llm.Unconfigured', `no model is asked here, ${JSON.stringify(name)} neither`),
  );
}

function infoOf(error: unknown, list: NodeId): ErrorInfo {
  const message = error instanceof Error ? error.message : String(error);
  if (!isStatebagError(error)) return { error: 'Node.Failed', message, node_id: list };
  const { node_id } = error.details;
  return { error: error.name, message, node_id: typeof node_id === 'string' ? (node_id as NodeId) : list }; // set from a node's id where the node failed
}

function open(
  map: MapInvocation,
  onUsage: (usage: Usage) => void,
): { readonly context: NodeContext; readonly config: ForEachConfig } {
  const { segment, node_id, loop } = map;
  const node = mapNodeOf(segment, node_id);
  const variables: JsonObject = loop === '' ? {} : { index: Number(loop.split('.').at(-1)) };
  const deps = depsOf(map);
  const context = nodeContext(node, 0, {
    state: workingState(map.state, deps.memory),
    variables,
    loop,
    item: '',
    deps,
    onTurn: () => {},
    onUsage,
  });
  return { context, config: configOf(node) };
}

function configOf({ config }: CompiledNode): ForEachConfig {
  return config as ForEachConfig; // it was checked against the rules of lists before it was compiled
}
