import { MOST_FAILED_NAMED, THRESHOLDS } from '@statebag/contracts/limits';
import { byteSizeOf } from '@statebag/state-core';
import type { CompiledNode, SegmentDefinition } from '@statebag/workflow';
import { type BagFrame, HASH, LONGEST_ID, NOW, textOfLength, USAGE } from './bag-frame.ts';

/** One line of the history, as long as a turn of the node may make it. */
export function entryBytes(
  node: CompiledNode,
  { segment_id, branches }: Pick<SegmentDefinition, 'segment_id' | 'branches'>,
): number {
  const isList = node.type === 'for_each';
  const calls = node.type === 'llm_chat' || isList || node.type === 'loop' || node.type === 'parallel_group';
  const summary = summaryLength(node);
  const entry = byteSizeOf({
    id: HASH,
    segment_id,
    node_id: node.id,
    type: node.type,
    status: 'SUCCEEDED',
    started_at: NOW,
    ended_at: NOW,
    attempt: 999,
    ...(summary > 0 && { summary: textOfLength(summary) }),
    ...(calls && { usage: USAGE }),
    ...(isList && { items: itemsTold(node) }),
  });
  return entry + (branches[node.id] ?? membersOf(node.config['branches'])).length * A_FAILURE;
}

/** A node that failed in a branch says more than one that did not: the run goes on where it may fail. */
const A_FAILURE = 256;

function itemsTold({ config }: CompiledNode) {
  const count = 10 ** String(config['max_items'] ?? DEFAULT_MOST_ITEMS).length - 1;
  const named = mayFail(config) ? MOST_FAILED_NAMED : 0;
  const first_failed = Array.from({ length: named }, () => count);
  return { total: count, begun: count, failed: mayFail(config) ? count : 0, first_failed };
}

const DEFAULT_MOST_ITEMS = 10_000;
const FAILED_ITEMS = 6 * 5 * 320;
/** Fewer are listed with their reasons than are counted. */
const SAY_HOW_MANY = ', 99999 failed: '.length;

const mayFail = (config: CompiledNode['config']): boolean =>
  config['tolerated_failure_percentage'] !== undefined;

function summaryLength({ type, config, hands_over }: CompiledNode): number {
  if (type === 'conditional') return ARROW + targetBytes(config) + ' (default)'.length;
  if (type === 'for_each')
    return '9999999999 items'.length + (mayFail(config) ? SAY_HOW_MANY + FAILED_ITEMS : 0);
  if (hands_over) return 'PAUSED_FOR_ASYNC_LLM'.length;
  return SUMMARIES[type] ?? 0;
}

/** What nodes say of themselves where they were left to nobody. */
const SUMMARIES: Readonly<Record<string, number>> = {
  llm_chat: 'tokens estimated'.length,
  api_call: '200'.length,
  human_approval: 'PAUSED_FOR_HITP'.length,
  parallel_group: '999 branches'.length,
};

const ARROW = Buffer.byteLength('→ ');

/** The longest id of a node that a condition may lead to. */
function targetBytes({ cases, default: otherwise }: CompiledNode['config']): number {
  const targets = [otherwise, ...membersOf(cases).map((each) => Object(each).to)];
  return Math.max(...targets.map((id) => (typeof id === 'string' ? Buffer.byteLength(id) : LONGEST_ID)));
}

const membersOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** History in a bag: all entries, or what archiving leaves. */
export function historyBytes(entries: number, { historyArchive }: BagFrame): number {
  const { inlineHistory, inlineHistoryAfter } = THRESHOLDS;
  return Math.min(entries + 2, Math.max(inlineHistory, inlineHistoryAfter + historyArchive + 2));
}
