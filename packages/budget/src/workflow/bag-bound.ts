import type { JsonObject } from '@statebag/contracts';
import { BUDGET, SAMPLES, THRESHOLDS } from '@statebag/contracts/limits';
import { byteSizeOf } from '@statebag/state-core';
import type { CompiledNode, CompiledWorkflow, SegmentDefinition } from '@statebag/workflow';
import { bytesOf, isNothing, nameBytes, type Shape } from '../shape/shape.ts';
import type { Fields } from './fields.ts';
import type { NameLengths } from './names.ts';

const LONGEST_ID = 64;
const HASH = 'f'.repeat(LONGEST_ID);
const NOW = '2026-01-01T00:00:00.000Z';
const text = (length: number): string => 'x'.repeat(length);

/** What the parts of a bag take at most in one workflow, whatever its data are. */
export interface BagFrame {
  readonly names: NameLengths;
  readonly control: number;
  /** A pointer that stands for a field, its name left out. */
  readonly fieldPointer: number;
  readonly statePointer: number;
  readonly historyArchive: number;
}

/** Measured with the very texts that travel, as long as they may become. */
export function frameOf(compiled: CompiledWorkflow, names: NameLengths): BagFrame {
  const address = `s3://${text(names.bucket)}/runs/${text(names.owner_id)}/${text(names.execution_id)}`;
  const pack = `${address}/packs/${HASH}.pack`;
  const blob = `${address}/blobs/${HASH}.json.zst`;
  const longest = pack.length > blob.length ? pack : blob;
  return {
    names,
    control: byteSizeOf(longestControl(compiled, { names, index: longest })),
    fieldPointer: byteSizeOf({
      ...ADDRESSED,
      s3_path: longest,
      type: 's3_reference',
      ...SIZES,
      stored_at: NOW,
    }),
    statePointer: byteSizeOf({
      ...ADDRESSED,
      __s3_offloaded: true,
      __s3_path: longest,
      __original_size_kb: SIZES.size_kb,
      guardrail_verified: false,
      batch_count_actual: 1,
      scheduling_summary: null,
      overlay: {},
    }),
    historyArchive: byteSizeOf({
      type: 'history_archive',
      s3_path: `${address}/history/${HASH}.json.zst`,
      entry_count: 999_999,
      archived_at: NOW,
      sha256: HASH,
      encoding: 'json+zstd',
    }),
  };
}

const ADDRESSED = { sha256: HASH, encoding: 'json+zstd', offset: 9_999_999, length: 9_999_999 } as const;
const SIZES = { size_kb: 9_999_999, size_bytes: 9_999_999_999 } as const;

interface LongestControl {
  readonly names: NameLengths;
  readonly index: string;
}

function longestControl(compiled: CompiledWorkflow, { names, index }: LongestControl): JsonObject {
  const { manifest } = compiled;
  const maps = manifest.segments.some(({ segment_type }) => segment_type === 'map');
  const segment = text(Math.max(0, ...manifest.segments.map(({ segment_id }) => segment_id.length)));
  const waits = manifest.segments.some(
    ({ segment_type }) => segment_type !== 'normal' && segment_type !== 'llm',
  );
  const node = text(Math.max(0, ...manifest.segments.flatMap(({ nodes }) => nodes.map((id) => id.length))));
  const { max_loop_iterations, max_branch_iterations, max_concurrency, total_segments } = manifest;
  return {
    schema_version: 3,
    execution_id: text(names.execution_id),
    owner_id: text(names.owner_id),
    workflow_id: text(names.workflow_id),
    definition_id: HASH,
    idempotency_key: names.idempotency_key === 0 ? null : text(names.idempotency_key),
    branch_path: text(branchPathLength(compiled)),
    segment_id: segment,
    segment_to_run: segment,
    total_segments,
    loop_counter: Math.max(max_loop_iterations, max_branch_iterations),
    resume_count: 999,
    max_loop_iterations,
    max_branch_iterations,
    max_concurrency,
    distributed_strategy: maps ? 'map_reduce' : null,
    status: 'PAUSED_FOR_ASYNC_LLM',
    next_action: 'PARALLEL_GROUP',
    cursor: { node_id: node, item: 99_999 },
    wait_until: waits ? NOW : null,
    history_events: 99_999,
    state_s3_path: index,
    segment_manifest_s3_path: null,
    pre_snapshot_s3_path: maps ? index : null,
    post_snapshot_s3_path: maps ? index : null,
    guardrail_verified: false,
    batch_count_actual: 1,
    start_time: NOW,
    last_update_time: NOW,
    payload_size_kb: 999,
    usage: USAGE,
  };
}

const USAGE = {
  llm_calls: 999_999,
  input_tokens: 999_999_999,
  output_tokens: 999_999_999,
  cost_nano_usd: 999_999_999_999_999,
} as const;

const NESTED_PATH = 256;

/** A level of branches adds its place and the turns of the loops around it. Empty where there is no group. */
function branchPathLength({ segments }: CompiledWorkflow): number {
  const groups = [...segments.values()].filter(({ branches }) => Object.keys(branches).length > 0);
  const loops = groups.map(({ flow }) =>
    Math.max(0, ...Object.values(flow.nodes).map((node) => node.loops?.length ?? 0)),
  );
  const path = loops.reduce((sum, each) => sum + '.199'.length + each * '.9999'.length, 0);
  return Math.min(NESTED_PATH, path);
}

/** A field and what it takes where it stands inline: key, colon, value, comma. */
export interface FieldSize {
  readonly name: string;
  readonly shape: Shape;
  readonly bytes: number;
}

const sizes = new WeakMap<Fields, readonly FieldSize[]>();

export function fieldSizes(fields: Fields): readonly FieldSize[] {
  const known = sizes.get(fields);
  if (known) return known;
  const found = [...fields.members].flatMap(([name, shape]) =>
    isNothing(shape) ? [] : [{ name, shape, bytes: nameBytes(name) + bytesOf(shape) + 2 + markBytes(shape) }],
  );
  sizes.set(fields, found);
  return found;
}

/** Data that looks like a pointer stands as `{"__escaped":…}`. */
const MARK = '{"__escaped":}'.length;
const MARKED = ['type', '__s3_offloaded', '__s3_path', '__escaped', '__deleted'];

function markBytes({ object, any }: Shape): number {
  if (any) return MARK;
  const mayLookAlike =
    object !== null && (object.others !== null || MARKED.some((name) => object.members.has(name)));
  return mayLookAlike ? MARK : 0;
}

/** All fields as they are, wherever they are kept. */
export function stateBytes(fields: Fields): number {
  if (fields.others) return Infinity;
  return fieldSizes(fields).reduce((sum, { bytes }) => sum + bytes, 2);
}

/** What of the workflow decides how its state is kept. */
export interface Keeping {
  readonly frame: BagFrame;
  /** Whether the state is ever too large for a bag, and so large that it goes behind an index. */
  readonly leaves: boolean;
  readonly indexed: boolean;
  /** Fields that are combined, or that answers become: they may stand as values beside an index. */
  readonly standing: ReadonlySet<string>;
}

/** Whether `planState` may put an index in front of such a state. */
export function mayBeIndexed(fields: Fields, { fieldPointer }: BagFrame): boolean {
  if (fields.others) return true;
  const sizes = fieldSizes(fields);
  const moved = ({ name }: FieldSize) => fieldPointer + nameBytes(name) + 2;
  const pointers = sizes
    .filter((size) => size.bytes > moved(size))
    .reduce((sum, size) => sum + moved(size), 0);
  const least = sizes.reduce((sum, size) => sum + Math.min(size.bytes, moved(size)), 1);
  return pointers > THRESHOLDS.indexFrom || least > THRESHOLDS.inlineState;
}

/**
 * What of a state travels in a bag, by the rules of `planState`: all of it as long as it fits, then no more
 * than what may stay inline, or the pointer to its index with what changed since beside it.
 */
export function inlineBytes(fields: Fields, keeping: Keeping): number {
  const whole = stateBytes(fields);
  const inline = Math.min(whole, THRESHOLDS.inlineState);
  if (!keeping.leaves || !keeping.indexed) return inline;
  return Math.max(
    inline,
    keeping.frame.statePointer + Math.min(besideIndex(fields, keeping), THRESHOLDS.overlay),
  );
}

const OPERATION = 40;

/** A value beside an index is small, or it is a pointer. */
function besideIndex(fields: Fields, { frame, standing }: Keeping): number {
  if (fields.others) return Infinity;
  const pointer = Math.max(frame.fieldPointer, THRESHOLDS.indexFrom / 2 + OPERATION);
  return fieldSizes(fields).reduce((sum, { name, bytes }) => {
    const most = standing.has(name) ? Infinity : pointer + nameBytes(name) + 2;
    return sum + Math.min(bytes, most);
  }, 0);
}

const SUMMARY = 600;

/** One line of the history, as long as a turn of the node may make it. */
export function entryBytes(
  node: CompiledNode,
  { segment_id }: Pick<SegmentDefinition, 'segment_id'>,
): number {
  const isList = node.type === 'for_each';
  const calls = node.type === 'llm_chat' || isList || node.type === 'loop' || node.type === 'parallel_group';
  return byteSizeOf({
    id: HASH,
    segment_id,
    node_id: node.id,
    type: node.type,
    status: 'SUCCEEDED',
    started_at: NOW,
    ended_at: NOW,
    attempt: 999,
    summary: text(summaryLength(node)),
    ...(calls && { usage: USAGE }),
    ...(isList && { items: { total: 99_999, begun: 99_999, failed: 99_999, first_failed: MOST_NAMED } }),
  });
}

const MOST_NAMED = Array.from({ length: 20 }, () => 99_999);
const FAILED_ITEMS = 6 * 5 * 320;

function summaryLength({ type, config }: CompiledNode): number {
  switch (type) {
    case 'conditional':
      return '→ '.length + 2 + LONGEST_ID + ' (default)'.length;
    case 'for_each':
      return 40 + (config['tolerated_failure_percentage'] === undefined ? 0 : FAILED_ITEMS);
    case 'human_approval':
      return 'PAUSED_FOR_HITP'.length;
    default:
      return 'PAUSED_FOR_ASYNC_LLM'.length + 10;
  }
}

/** History in a bag: all entries, or what archiving leaves. */
export function historyBytes(entries: number, { historyArchive }: BagFrame): number {
  const { inlineHistory, inlineHistoryAfter } = THRESHOLDS;
  return Math.min(entries + 2, Math.max(inlineHistory, inlineHistoryAfter + historyArchive + 2));
}

/** What failed stands in the bag of a run that ends with it, and of one whose optional branches failed. */
export const FAILURE_BYTES = SAMPLES.failedSegments * (2 * (256 + 1_024) + SUMMARY);
export const MAP_LISTS_BYTES = SAMPLES.chunkResults * SUMMARY + 2_048;
export const BRANCH_POINTER = BUDGET.branchPointer;
