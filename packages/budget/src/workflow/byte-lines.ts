import {
  API_LIMITS,
  AWS_LIMITS,
  BUDGET,
  HYDRATOR_LIMITS,
  PACK_BYTES,
  THRESHOLDS,
} from '@statebag/contracts/limits';
import { byteSizeOf } from '@statebag/state-core';
import { type CompiledNode, type CompiledWorkflow, definitionOf, fieldsToHydrate } from '@statebag/workflow';
import { scopedField } from '@statebag/workflow/analysis';
import { elementsOf } from '../expression/sequences.ts';
import { OTHER_LIMITS } from '../limits.ts';
import type { BudgetLine, Measure } from '../line.ts';
import { bytesOf, NOTHING, type Shape } from '../shape/shape.ts';
import {
  BRANCH_POINTER,
  FAILURE_BYTES,
  fieldSizes,
  historyBytes,
  MAP_LISTS_BYTES,
  stateBytes,
} from './bag-bound.ts';
import { type Fields, fieldAt } from './fields.ts';
import { lineOf, type Reached } from './make-line.ts';
import { type Point, type Points, statesAt } from './points.ts';
import type { Sight, Walk } from './sight.ts';

export interface Bounds {
  readonly compiled: CompiledWorkflow;
  readonly seen: Walk['seen'];
  readonly points: Points;
  /** What the input brings. */
  readonly given: Fields;
}

/** Bytes of everything that travels or is stored. */
export function byteLines(bounds: Bounds, historyEntries: number): readonly BudgetLine[] {
  const size = sizesOf(bounds, historyEntries);
  const { points } = bounds.points;
  const at = (
    measure: Measure,
    limit: number,
    bytes: (point: Point) => number | null,
  ): readonly BudgetLine[] => {
    const reached = points.flatMap((point) => {
      const bound = bytes(point);
      return bound === null ? [] : [{ bound, point }];
    });
    const worst = largestOf(reached);
    return worst ? [lineOf(measure, { ...reachedAt(worst.point), bound: worst.bound }, limit)] : [];
  };
  const { transitionBytes: limit } = AWS_LIMITS;
  return [
    lineOf('start', { bound: startBytes(bounds), at: null, fields: bounds.given }, limit),
    ...at('bag', BUDGET.bag, size.bag),
    ...at('transition', limit, size.envelope),
    ...at(
      'result',
      limit,
      (point) => Math.max(size.envelope(point), answerBytes(point) ?? 0) + CALL_METADATA,
    ),
    ...at('cause', limit, (point) => size.envelope(point) + CAUSE_TWICE + FAILURE_BYTES),
    ...at('callback', limit, (point) => size.callback(point)),
    ...at('map output', limit, (point) => size.mapOutput(point)),
    ...at(
      'payload',
      AWS_LIMITS.lambdaPayloadBytes,
      (point) =>
        EVENT_FRAME + Math.max(size.envelope(point), size.callback(point) ?? 0, size.mapOutput(point) ?? 0),
    ),
    ...at('async payload', AWS_LIMITS.lambdaEventBytes, (point) =>
      point.node.hands_over && point.node.type === 'llm_chat' ? size.request(point) + TOKEN_FRAME : null,
    ),
    lineOf('table item', { bound: itemBytes(points), at: null, fields: null }, OTHER_LIMITS.tableItemBytes),
    objectLine(bounds, historyEntries),
    ...memoryLines(bounds),
    ...itemLines(bounds),
  ];
}

const largestOf = <Each extends { readonly bound: number }>(all: readonly Each[]): Each | undefined => {
  const [first, ...others] = all;
  return first && others.reduce((most, each) => (each.bound > most.bound ? each : most), first);
};

const reachedAt = ({ node, fields, segment }: Point): Omit<Reached, 'bound'> => ({
  at: `${segment.segment_id} · ${node.id}`,
  fields,
});

/** What Step Functions puts around the answer of a function. */
const CALL_METADATA = 1_536;
/** An event of ours: ids, times and names around the bag. */
const EVENT_FRAME = 320;
/** What names a call that a worker makes: ids, times, and the token of its task. */
const TOKEN_FRAME = 1_536;
/** As the error and once more as the result of the segment, each character of it written with two. */
const CAUSE_TWICE = 2 * (2 * BUDGET.cause + 512);

function sizesOf({ compiled, seen, points: { keeping } }: Bounds, historyEntries: number) {
  const { frame } = keeping;
  const request = ({ node }: Point) => requestBytes(node, seen.get(node.id)?.asked);
  const segments = [...compiled.segments.values()];
  const groups = segments.flatMap(({ branches }) => Object.values(branches));
  const pending = Math.max(
    0,
    ...groups.map((each) =>
      byteSizeOf(each.map(({ branch_id, branch_index }) => ({ branch_id, branch_index }))),
    ),
  );
  const hasMaps = segments.some(({ segment_type }) => segment_type === 'map');
  const around =
    frame.control +
    historyBytes(historyEntries, frame) +
    MEMBER_NAMES +
    (groups.length > 0 ? Math.min(pending, LONGEST_LIST) + BRANCH_POINTER + MEMBER_NAMES : 0) +
    (hasMaps ? MAP_LISTS_BYTES : 0);
  const bag = (point: Point): number => point.inline + around;
  const envelope = (point: Point): number =>
    bag(point) +
    ENVELOPE_NAMES +
    frame.names.machine_arn +
    (groups.length > 0 ? BRANCH_POINTER : 0) +
    (point.node.hands_over ? Math.max(request(point), branchesBytes(point)) : 0);
  return {
    bag,
    envelope,
    request,
    callback: (point: Point): number | null => {
      const answer = answerBytes(point);
      return answer === null ? null : envelope(point) + answer + frame.names.execution_id;
    },
    mapOutput: (point: Point): number | null => {
      const branches = point.segment.branches[point.node.id];
      return branches ? envelope(point) + branches.length * (BRANCH_POINTER + 1) + MEMBER_NAMES : null;
    },
  };
}

const MEMBER_NAMES = 60;
const ENVELOPE_NAMES = 120;
const LONGEST_LIST = 12_288;

const REQUEST_PART = 1_024;
/** Ids, places, times, choices' brackets. */
const REQUEST_FRAME = 560;

/** What is asked travels up to a size, then as a pointer that is no larger. */
function requestBytes({ type, config }: CompiledNode, asked: Shape | undefined): number {
  if (type === 'parallel_group') return 0;
  const { choices, default: otherwise } = config;
  const message = type === 'human_approval' ? asked?.object?.members.get('message') : undefined;
  const part = message ? Math.min(REQUEST_PART, bytesOf(message)) : REQUEST_PART;
  return part + REQUEST_FRAME + byteSizeOf(choices ?? []) + byteSizeOf(otherwise ?? null);
}

function branchesBytes({ node, segment }: Point): number {
  const branches = segment.branches[node.id] ?? [];
  return branches.length === 0 ? 0 : byteSizeOf([...branches]) + branches.length * BRANCH_PATH + 2;
}

const BRANCH_PATH = 256 + 20;
const ANSWER_FRAME = 480;
/** A worker's answer travels up to this, a person's up to the size at which a field is stored. */
const LONGEST_ANSWER = { llm_chat: BUDGET.result, human_approval: THRESHOLDS.field } as const;

function answerBytes({ node, fields }: Point): number | null {
  if (!node.hands_over || (node.type !== 'llm_chat' && node.type !== 'human_approval')) return null;
  return Math.min(bytesOf(storedBy(node, fields)), LONGEST_ANSWER[node.type]) + ANSWER_FRAME;
}

function storedBy({ output_key, id, use }: CompiledNode, fields: Fields): Shape {
  return fieldAt(fields, scopedField(use?.writes ?? '', output_key ?? id)) ?? NOTHING;
}

/** A small input travels in the event, a large one is uploaded. */
function startBytes({ given, points: { keeping } }: Bounds): number {
  const { owner_id, workflow_id, execution_id, machine_arn, idempotency_key, bucket } = keeping.frame.names;
  const names = owner_id + workflow_id + execution_id + machine_arn + idempotency_key;
  const inline = Math.min(stateBytes(given), API_LIMITS.inlineInputBytes);
  return START_FRAME + names + Math.max(inline, bucket + owner_id + UPLOAD_NAME);
}

/** Names of the members, and the hash of the definition. */
const START_FRAME = 260;
const UPLOAD_NAME = 120;

/** The record of a run, or what a person is asked with the answer. */
const RECORD_BYTES = 12_288;
const COMMENT_BYTES = 4_096;

function itemBytes(points: readonly Point[]): number {
  const asked = points.filter(({ node }) => node.hands_over && node.type === 'human_approval');
  const approvals = asked.map(
    ({ node }) => requestBytes(node, undefined) + THRESHOLDS.field + COMMENT_BYTES + RECORD_BYTES,
  );
  return Math.max(RECORD_BYTES, ...approvals);
}

/** One value that is stored alone, or all that leaves a state at once with its index. */
function objectLine(bounds: Bounds, historyEntries: number): BudgetLine {
  const { compiled, points, seen } = bounds;
  const states = [points.first.fields, ...points.points.map(({ fields }) => fields)];
  const record = RECORD_FRAME + Math.min(historyEntries, LONGEST_BLOCK);
  const largest = states.map((fields) => ({ fields, bound: objectBytes(fields, points.keeping) + record }));
  const worst = largestOf(largest) ?? { fields: points.first.fields, bound: 0 };
  const written = Math.max(
    byteSizeOf(compiled.workflow),
    ...[...compiled.segments.values()].map((each) => byteSizeOf(each)),
  );
  const calls = [...seen.values()].map(callBytes);
  const bound = Math.max(worst.bound, written + EVENT_FRAME, ...calls);
  return lineOf('object', { bound, at: null, fields: worst.fields }, OTHER_LIMITS.objectBytes);
}

/** What a record keeps of a question at most; one that a worker asks is stored whole. */
const LONGEST_QUESTION = 16_384;

/** The record of a call has what was asked and what was answered. */
function callBytes({ node, asked, answer }: Sight): number {
  if (!asked && !answer) return 0;
  const question = (asked ? bytesOf(asked) : 0) + byteSizeOf(node.config);
  const kept = node.hands_over
    ? question
    : Math.min(definitionOf(node).sendsView ? Infinity : question, LONGEST_QUESTION);
  return RECORD_FRAME + kept + (answer ? bytesOf(answer) : 0);
}

/** What an index or a record of a branch adds for each field. */
const POINTER_BYTES = 700;
const OPERATION_BYTES = 60;
/** Ids, times and hashes around a record of a call or of a branch. */
const RECORD_FRAME = 2_048;
/** A block of the history, with what one more segment adds before it is closed. */
const LONGEST_BLOCK = 24_576;

function objectBytes(fields: Fields, { leaves }: Points['keeping']): number {
  if (fields.others) return Infinity;
  const sizes = fieldSizes(fields).map(({ bytes }) => bytes);
  const packed = Math.min(
    sizes.reduce((sum, bytes) => sum + Math.min(bytes, THRESHOLDS.packValue), 0),
    PACK_BYTES + THRESHOLDS.packValue,
  );
  return Math.max(0, ...sizes, packed) + sizes.length * (leaves ? POINTER_BYTES : OPERATION_BYTES);
}

/** What a segment reads when it begins, or when it goes on at one of its nodes: all of it at once. */
function memoryLines({ compiled, seen, points }: Bounds): readonly BudgetLine[] {
  const reached = [...compiled.segments.values()].flatMap((segment) => {
    const sights = Object.values(segment.flow.nodes).flatMap(({ id }) => seen.get(id) ?? []);
    const entries = sights.filter(({ node }) => node.id === segment.flow.entry);
    const begins = entries.map(({ before }) => readFields(before, fieldsToHydrate(segment, null)));
    const goesOn = sights.flatMap((sight) => {
      const names = fieldsToHydrate(segment, { node_id: sight.node.id, item: 1 });
      return statesAt(sight).map((fields) => readFields(fields, names));
    });
    const at = `${segment.segment_id} · ${segment.flow.entry}`;
    return [...begins, ...goesOn].map((fields) => ({
      bound: points.progress + stateBytes(fields),
      at,
      fields,
    }));
  });
  const worst = largestOf(reached);
  return worst ? [lineOf('memory', worst, HYDRATOR_LIMITS.fieldsTogether)] : [];
}

function readFields(fields: Fields, names: readonly string[] | 'all'): Fields {
  if (names === 'all') return fields;
  return { others: null, members: new Map(names.map((name) => [name, fieldAt(fields, name)])) };
}

/** Lists that may have more items than they take. */
function itemLines({ seen }: Bounds): readonly BudgetLine[] {
  return [...seen.values()].flatMap(({ node, items, before }) => {
    if (!items || node.type !== 'for_each') return [];
    const { most } = elementsOf(items);
    const limit = Number(node.config['max_items'] ?? DEFAULT_MOST_ITEMS);
    return [lineOf('items', { bound: most, at: node.id, fields: before, shape: items }, limit)];
  });
}

const DEFAULT_MOST_ITEMS = 10_000;
