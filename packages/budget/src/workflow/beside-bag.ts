import { BUDGET, THRESHOLDS, WORKFLOW_LIMITS } from '@statebag/contracts/limits';
import { byteSizeOf } from '@statebag/state-core';
import { type CompiledNode, mapSettings, type SegmentDefinition } from '@statebag/workflow';
import { scopedField } from '@statebag/workflow/analysis';
import { elementsOf } from '../expression/sequences.ts';
import { textOfShape } from '../expression/text-of-shape.ts';
import { bytesOf, NOTHING, nameBytes, type Shape } from '../shape/shape.ts';
import { type BagFrame, HASH, NOW, textOfLength, USAGE } from './bag-frame.ts';
import { type Fields, fieldAt } from './fields.ts';
import type { Point } from './points.ts';
import type { Sight } from './sight.ts';

const REQUEST_PART = 1_024;
/** What a worker is told of a call besides what its node says. */
const CALL_FRAME = byteSizeOf({
  schema_version: 1,
  provider: 'default',
  model: 'default',
  earlier: [],
  tries: 5,
  timeout_ms: 840_000,
  node_version: HASH,
  input_sha256: HASH,
  loop: '',
  item: '',
  limits: 0,
});

/** What is asked travels up to a size, then as a pointer that is no larger. */
export function requestBytes(
  node: CompiledNode,
  asked: Shape | undefined,
  { limits = {} }: Pick<SegmentDefinition, 'limits'> = {},
): number {
  const { type, config } = node;
  if (type === 'parallel_group' || type === 'wait') return 0;
  const place = { node_id: node.id, field: fieldOf(node), reducer: 'dedupe_append' };
  if (type === 'for_each') return byteSizeOf({ ...place, ...MAP_REQUEST }) + LONGEST_LOOP;
  if (type === 'human_approval') {
    const { choices = ['approve', 'reject'], default: otherwise = null } = config;
    const message = asked?.object?.members.get('message');
    // what is no text is written as one
    const part = message ? Math.min(REQUEST_PART, textOfShape(message).inner + 2) : REQUEST_PART;
    return byteSizeOf({ ...place, ...APPROVAL, choices, default: otherwise }) + part;
  }
  const said = asked ? askedBytes(asked) : Infinity;
  const call = said + byteSizeOf(config) + CALL_FRAME + LONGEST_LOOP + byteSizeOf(limits);
  return byteSizeOf({ ...place, ...CALL }) + Math.min(REQUEST_PART, call);
}

const MAP_REQUEST = { kind: 'map', strategy: 'map_reduce', loop: '', retry_of: null } as const;
const LONGEST_LOOP = 60;
const APPROVAL = {
  kind: 'approval',
  message: 0,
  on_reject: 'go_on',
  on_deadline: 'escalate',
  deadline: NOW,
  timeout_seconds: 9_999_999,
} as const;
const CALL = { kind: 'async_llm', ledger_key: HASH, call: 0, timeout_seconds: 9_999_999 } as const;

const fieldOf = ({ output_key, id, use }: CompiledNode): string =>
  scopedField(use?.writes ?? '', output_key ?? id);

/** Of the parts of a question some become texts, whatever they are. */
export function askedBytes(asked: Shape): number {
  if (!asked.object) return bytesOf(asked);
  const members = [...asked.object.members.values()];
  return members.reduce(
    (sum, member) => sum + Math.max(bytesOf(member), textOfShape(member).inner + 2) + MEMBER_NAME,
    0,
  );
}

const MEMBER_NAME = '"messages":,'.length;

/** The branches that a group starts. */
export function branchesBytes({ node, segment }: Point, { branch }: BagFrame): number {
  const { length } = segment.branches[node.id] ?? [];
  return length === 0 ? 0 : length * (branch + 1) + 1;
}

/** A worker's answer travels up to this, a person's up to the size at which a field is stored. */
const LONGEST_ANSWER = { llm_chat: BUDGET.result, human_approval: THRESHOLDS.field } as const;

/** What comes back to a node that waits for it, its place and its cost with it. */
export function answerBytes(
  { node, fields, segment }: Point,
  answer: Shape | undefined,
  { names, branchPath }: BagFrame,
): number | null {
  if (!node.hands_over || (node.type !== 'llm_chat' && node.type !== 'human_approval')) return null;
  const { segment_id } = segment;
  const frame = byteSizeOf({
    result_id: {
      execution_id: textOfLength(names.execution_id),
      branch_path: textOfLength(branchPath),
      segment_id,
      loop_counter: 999_999,
    },
    field: fieldOf(node),
    reducer: 'dedupe_append',
    status: 'CONTINUE',
    next_segment_to_run: segment_id,
    usage: USAGE,
    value: 0,
  });
  const value = Math.min(bytesOf(answer ?? storedBy(node, fields)), LONGEST_ANSWER[node.type]);
  return frame + value;
}

function storedBy(node: CompiledNode, fields: Fields): Shape {
  return fieldAt(fields, fieldOf(node)) ?? NOTHING;
}

/** Longer ones are stored. */
const LONGEST_LAST_ANSWER = 12_288;

/** What a person said last stands beside the state until the run ends. */
export function lastAnswerBytes(seen: Iterable<Sight>): number {
  const answers = [...seen].flatMap(({ node, answer, after }) =>
    node.type === 'human_approval' ? [bytesOf(answer ?? storedBy(node, after)) + ESCAPED] : [],
  );
  if (answers.length === 0) return 0;
  return nameBytes('last_hitp_response') + 2 + Math.min(LONGEST_LAST_ANSWER, Math.max(...answers));
}

const ESCAPED = '{"__escaped":}'.length;

const INLINE_WORKERS = 40;
const LEAST_MILLIS = 2_000;
const MOST_ITEMS = 1_000;
const BATCH_BYTES = 196_608;

/** What a list that is left to workers has beside its bag: the plan, what each worker left, or its items. */
export interface MapBytes {
  readonly plan: number;
  readonly left: number;
  /** What one worker is given. */
  readonly worker: number;
  readonly workers: number;
  /** Whether executions of their own may work on it. */
  readonly isApart: boolean;
}

export function mapBytes(node: CompiledNode, items: Shape | undefined, frame: BagFrame): MapBytes | null {
  if (!node.hands_over || node.type !== 'for_each') return null;
  const elements = items && elementsOf(items);
  const most = elements?.most ?? Infinity;
  const { batch, width, expectedMillisPerItem } = mapSettings(node);
  const within = Math.max(1, Math.floor((LEAST_MILLIS * width) / Math.max(1, expectedMillisPerItem)));
  const each = batch ?? Math.min(within, MOST_ITEMS);
  const workers = Math.min(INLINE_WORKERS, Math.ceil(Math.min(most, WORKFLOW_LIMITS.inlineMapItems) / each));
  const slice = byteSizeOf(A_SLICE) + frame.address + HASH.length;
  const isApart =
    most > WORKFLOW_LIMITS.inlineMapItems ||
    (batch !== undefined && Math.ceil(most / batch) > INLINE_WORKERS);
  const lines = elements ? Math.min(most, batch ?? MOST_ITEMS) * (bytesOf(elements.each) + LINE) : Infinity;
  const reply = byteSizeOf(A_REPLY) + frame.address + HASH.length;
  return {
    plan: byteSizeOf(A_PLAN) + 3 * (frame.address + HASH.length) + workers * (slice + 1),
    left: isApart ? Math.max(WRITTEN, workers * (reply + 1)) : workers * (reply + 1),
    worker: reply + Math.max(slice, isApart ? Math.min(BATCH_BYTES, lines) : 0),
    workers,
    isApart,
  };
}

const LINE = '{"index":9999999,"item":},'.length;
/** Where a Distributed Map wrote what its workers left. */
const WRITTEN = 1_024;
const A_SLICE = {
  execution_order: 9_999_999,
  count: 999,
  s3_path: '',
  offset: 9_999_999_999,
  bytes: 9_999_999_999,
};
const A_COUNT = { total: 9_999_999, succeeded: 9_999_999, failed: 9_999_999 };
const A_REPLY = {
  chunk_id: '999999999',
  status: 'COMPLETE',
  execution_order: 9_999_999,
  s3_path: '',
  sha256: HASH,
  counts: A_COUNT,
};
const A_PLAN = {
  mode: 'distributed',
  map_id: HASH,
  bucket: '',
  items_key: '',
  results_prefix: '',
  total: 9_999_999,
  to_run: 9_999_999,
  max_items_per_batch: 9_999,
  chunks: [],
  tolerated_failure_percentage: 99.999_999_999,
  reducer: 'dedupe_append',
};

const MOST_TOLD = 10;

/** What a bag keeps of the lists that were left to workers. */
export function mapListsBytes(maps: readonly MapBytes[], { address, fieldPointer }: BagFrame): number {
  if (maps.length === 0) return 0;
  const told = Math.min(MOST_TOLD, Math.max(...maps.map(({ workers }) => workers)));
  const each = byteSizeOf({
    chunk_id: '999999999',
    status: 'COMPLETE',
    s3_path: '',
    execution_order: 9_999_999,
  });
  const summary = byteSizeOf({ ...A_COUNT, chunk_results: [] }) + told * (each + address + HASH.length);
  const names = byteSizeOf({ distributed_outputs: 0, distributed_chunk_summary: 0, chunk_count: 9_999_999 });
  return names + summary + fieldPointer;
}
