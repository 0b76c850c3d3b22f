import { PACK_BYTES, THRESHOLDS } from '@statebag/contracts/limits';
import { byteSizeOf } from '@statebag/state-core';
import { type CompiledNode, definitionOf } from '@statebag/workflow';
import { elementsOf } from '../expression/sequences.ts';
import { bytesOf } from '../shape/shape.ts';
import { fieldSizes, stateBytes } from './bag-bound.ts';
import { askedBytes, mapBytes } from './beside-bag.ts';
import type { Bounds } from './bounds.ts';
import type { Fields } from './fields.ts';
import type { Sight } from './sight.ts';

/** The largest object that a run leaves, and the state that is in it or that it is about. */
export interface LargestObject {
  readonly bound: number;
  /** The same where every answer of a model obeys its schema at once, if that is less. */
  readonly undisturbed?: number;
  readonly fields: Fields;
}

export function largestObject(bounds: Bounds, historyEntries: number): LargestObject {
  const { compiled, points, seen, given } = bounds;
  const states = [points.first.fields, ...points.points.map(({ fields }) => fields)];
  const stored = states.map((fields) => ({ fields, bound: objectBytes(fields, bounds, historyEntries) }));
  const worst = stored.reduce((most, each) => (each.bound > most.bound ? each : most));
  const { workflow, manifest, segments } = compiled;
  const history = historyEntries > THRESHOLDS.inlineHistory ? longestBlock(historyEntries) : 0;
  const handed = new Set(points.points.flatMap(({ node }) => (node.hands_over ? [node.id as string] : [])));
  const others = [
    stateBytes(given),
    history,
    ...[workflow, manifest, ...segments.values()].map((each) => byteSizeOf(each)),
    ...points.points.map(({ node, fields }) => listObjects(node, fields, bounds)),
  ];
  const calls = (refused: number) =>
    [...seen.values()].map((sight) => callBytes(sight, { refused, isHanded: handed.has(sight.node.id) }));
  const undisturbed = Math.max(worst.bound, ...others, ...calls(0));
  const bound = Math.max(undisturbed, ...calls(REFUSED_BYTES));
  return { fields: worst.fields, bound, ...(undisturbed < bound && { undisturbed }) };
}

/** Beginnings of answers that were refused, each byte of which may be written with six. */
const REFUSED_BYTES = 6 * 2_000;
/** What a record keeps of a question at most; one that a worker asks is stored whole. */
const LONGEST_QUESTION = 16_384;
/** Hashes, ids, times, the place of a call, what it cost, and what is around its question and its answer. */
const CALL_FRAME = 1_024;
/** Longer ones are stored. */
const LONGEST_LAST_ANSWER = 12_288;

interface Calling {
  readonly refused: number;
  readonly isHanded: boolean;
}

/** The record of a call has what was asked and what was answered; a large answer lies beside it. */
function callBytes({ node, asked, answer }: Sight, { refused, isHanded }: Calling): number {
  if (!asked && !answer) return 0;
  const answered = answer ? bytesOf(answer) : 0;
  const question = asked ? askedBytes(asked) : 0;
  if (node.type === 'human_approval')
    return Math.max(question, answered > LONGEST_LAST_ANSWER ? answered : 0);
  const { provider = null, model = null, method = null, function_arn = null } = node.config;
  const fixed = byteSizeOf({ provider, model, method, function_arn });
  const isView = definitionOf(node).sendsView === true && node.config['payload'] === undefined;
  const kept = Math.min(isView ? Infinity : question + fixed, LONGEST_QUESTION);
  const more = node.config['response_schema'] === undefined ? 0 : refused;
  const record = CALL_FRAME + kept + Math.min(answered + more, THRESHOLDS.field + CALL_FRAME);
  const call = isHanded ? CALL_FRAME + question + byteSizeOf(node.config) : 0;
  return Math.max(record, answered + more + CALL_FRAME, call);
}

/** What an index adds for each field, besides its pointer: the name stands in the field's own size. */
const OPERATION_BYTES = 60;
/** Ids, times, hashes, and why it failed, around what a branch has changed. */
const RECORD_FRAME = 2_048;
/** A block of the history, with what one more segment adds before it is closed. */
const LONGEST_BLOCK = 24_576;

const longestBlock = (entries: number): number => RECORD_FRAME + Math.min(entries, LONGEST_BLOCK);

/** A value that is stored alone, all that leaves a state at once with its index, or all that a branch wrote. */
function objectBytes(fields: Fields, { compiled, points }: Bounds, historyEntries: number): number {
  if (fields.others) return Infinity;
  const { leaves, frame } = points.keeping;
  const all = fieldSizes(fields);
  const sizes = all.map(({ bytes }) => bytes);
  const operations = all.length + (hasReducers(compiled.workflow.reducers) ? turnsIn(historyEntries) : 0);
  const written = stateBytes(fields) + operations * OPERATION_BYTES;
  const segments = [...compiled.segments.values()];
  const ofBranch = segments.some(({ branches }) => Object.keys(branches).length > 0);
  const isStored = leaves || ofBranch || segments.some(({ segment_type }) => segment_type === 'map');
  if (!isStored && written <= THRESHOLDS.inlineDelta) return 0;
  const packed = Math.min(
    sizes.reduce((sum, bytes) => sum + Math.min(bytes, THRESHOLDS.packValue), 0),
    PACK_BYTES + THRESHOLDS.packValue,
  );
  const pointers = all.length * (leaves ? frame.fieldPointer : 0);
  const whole = Math.max(0, ...sizes, packed) + pointers + operations * OPERATION_BYTES;
  return whole + (ofBranch ? longestBlock(historyEntries) : 0);
}

const hasReducers = (reducers: object): boolean => Object.keys(reducers).length > 0;

/** A line of the history for each field that a turn of a node adds to is longer. */
const SHORTEST_LINE = 100;
const turnsIn = (historyEntries: number): number => Math.ceil(historyEntries / SHORTEST_LINE);

/** Around an item, and around what became of it. */
const ITEM_FRAME = 160;
const FAILED_ITEM = 1_400;
const CHUNK = 640;

/** The items of a list that is left to workers, what they came to, and who had which. */
function listObjects(node: CompiledNode, fields: Fields, { seen, points: { keeping } }: Bounds): number {
  const items = seen.get(node.id)?.items;
  const map = mapBytes(node, items, keeping.frame);
  if (!map || !items) return 0;
  const { most } = elementsOf(items);
  const results = Math.max(0, ...fieldSizes(fields).map(({ bytes }) => bytes));
  const each = ITEM_FRAME + (node.config['tolerated_failure_percentage'] === undefined ? 0 : FAILED_ITEM);
  const chunks = map.isApart ? most : map.workers;
  return Math.max(bytesOf(items) + most * ITEM_FRAME, results + most * each, chunks * CHUNK) + RECORD_FRAME;
}
