import { API_LIMITS, AWS_LIMITS, BUDGET, HYDRATOR_LIMITS, THRESHOLDS } from '@statebag/contracts/limits';
import { fieldsToHydrate } from '@statebag/workflow';
import { elementsOf } from '../expression/sequences.ts';
import { OTHER_LIMITS } from '../limits.ts';
import type { BudgetLine, Measure } from '../line.ts';
import { FAILURE_BYTES, stateBytes } from './bag-bound.ts';
import { requestBytes } from './beside-bag.ts';
import type { Bounds } from './bounds.ts';
import { type Fields, fieldAt } from './fields.ts';
import { lineOf, type Reached } from './make-line.ts';
import { largestObject } from './object-bound.ts';
import { type Point, statesAt } from './points.ts';
import { firstFrame, travellingOf } from './travelling.ts';

/** Bytes of everything that travels or is stored. */
export function byteLines(bounds: Bounds, historyEntries: number): readonly BudgetLine[] {
  const size = travellingOf(bounds, historyEntries);
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
    if (!worst) return [];
    const usual = largestOf(reached.filter(({ point }) => point.kind !== 'left'));
    const undisturbed = lessThan(worst.bound, usual?.bound);
    return [lineOf(measure, { ...reachedAt(worst.point), bound: worst.bound, ...undisturbed }, limit)];
  };
  const { transitionBytes: limit } = AWS_LIMITS;
  return [
    lineOf('start', { bound: startBytes(bounds), at: null, fields: bounds.given }, limit),
    ...at('bag', BUDGET.bag, size.bag),
    ...at('transition', limit, size.transition),
    ...at('result', limit, size.result),
    ...at('cause', limit, (point) => size.envelope(point) + CAUSE_TWICE + FAILURE_BYTES),
    ...at('callback', limit, size.callback),
    ...at('map output', limit, size.mapOutput),
    ...payloadLines(bounds, at('payload', AWS_LIMITS.lambdaPayloadBytes, size.payload)),
    ...at('async payload', AWS_LIMITS.lambdaEventBytes, size.asyncPayload),
    lineOf('table item', { bound: itemBytes(points), at: null, fields: null }, OTHER_LIMITS.tableItemBytes),
    objectLine(bounds, historyEntries),
    ...memoryLines(bounds),
    ...itemLines(bounds),
  ];
}

/** As the error and once more as the result of the segment, each character of it written with two. */
const CAUSE_TWICE = 2 * (2 * BUDGET.cause + 512);

/** What has no bound at all is not only a matter of failures. */
const lessThan = (bound: number, undisturbed = bound): Pick<Reached, 'undisturbed'> =>
  Number.isFinite(bound) && undisturbed < bound ? { undisturbed } : {};

const largestOf = <Each extends { readonly bound: number }>(all: readonly Each[]): Each | undefined => {
  const [first, ...others] = all;
  return first && others.reduce((most, each) => (each.bound > most.bound ? each : most), first);
};

const reachedAt = ({ node, fields, segment }: Point): Omit<Reached, 'bound'> => ({
  at: `${segment.segment_id} · ${node.id}`,
  fields,
});

/** A small input travels in the event, a large one is uploaded. */
function startBytes({ given, points: { keeping } }: Bounds): number {
  const { owner_id, workflow_id, execution_id, machine_arn, idempotency_key, bucket } = keeping.frame.names;
  const names = owner_id + workflow_id + execution_id + machine_arn + idempotency_key;
  const inline = Math.min(stateBytes(given), API_LIMITS.inlineInputBytes);
  return START_FRAME + names + Math.max(inline, bucket + owner_id + UPLOAD_NAME);
}

/** The first function is given the event that begins the run, which may be more than any bag. */
function payloadLines(bounds: Bounds, lines: readonly BudgetLine[]): readonly BudgetLine[] {
  const { names } = bounds.points.keeping.frame;
  const first = { bound: startBytes(bounds) + firstFrame(names), at: null, fields: bounds.given };
  if (lines.every(({ bound }) => bound < first.bound))
    return [lineOf('payload', first, AWS_LIMITS.lambdaPayloadBytes)];
  return lines.map(({ undisturbed, ...line }) =>
    undisturbed === undefined ? line : { ...line, undisturbed: Math.max(undisturbed, first.bound) },
  );
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

function objectLine(bounds: Bounds, historyEntries: number): BudgetLine {
  const largest = largestObject(bounds, historyEntries);
  return lineOf('object', { ...largest, at: null }, OTHER_LIMITS.objectBytes);
}

/**
 * What a segment reads when it begins, or when it goes on at one of its nodes: all of it at once. Without want
 * of time it goes on behind a wait only.
 */
function memoryLines({ compiled, seen, points }: Bounds): readonly BudgetLine[] {
  const reached = [...compiled.segments.values()].flatMap((segment) => {
    const sights = Object.values(segment.flow.nodes).flatMap(({ id }) => seen.get(id) ?? []);
    const at = `${segment.segment_id} · ${segment.flow.entry}`;
    const reading = (fields: Fields, names: readonly string[] | 'all', isUsual: boolean) => {
      const read = readFields(fields, names);
      return { at, fields: read, bound: points.progress + stateBytes(read), isUsual };
    };
    // an open loop decides behind each of its turns
    const isOpen = segment.flow.nodes[segment.flow.entry]?.begins_again_at !== undefined;
    const begins = sights
      .filter(({ node }) => node.id === segment.flow.entry)
      .flatMap((sight) => (isOpen ? statesAt(sight) : [sight.before]))
      .map((fields) => reading(fields, fieldsToHydrate(segment, null), true));
    const goesOn = sights.flatMap((sight) => {
      const names = fieldsToHydrate(segment, { node_id: sight.node.id, item: 1 });
      return statesAt(sight).map((fields) => reading(fields, names, sight.node.type === 'wait'));
    });
    return [...begins, ...goesOn];
  });
  const worst = largestOf(reached);
  if (!worst) return [];
  const { bound: undisturbed } = largestOf(reached.filter(({ isUsual }) => isUsual)) ?? worst;
  return [
    lineOf('memory', { ...worst, ...lessThan(worst.bound, undisturbed) }, HYDRATOR_LIMITS.fieldsTogether),
  ];
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
