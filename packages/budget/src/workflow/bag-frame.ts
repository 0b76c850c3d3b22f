import type { JsonObject } from '@statebag/contracts';
import { BUDGET } from '@statebag/contracts/limits';
import { byteSizeOf } from '@statebag/state-core';
import type { CompiledWorkflow } from '@statebag/workflow';
import type { NameLengths } from './names.ts';

export const LONGEST_ID = 64;
export const HASH = 'f'.repeat(LONGEST_ID);
export const NOW = '2026-01-01T00:00:00.000Z';
export const textOfLength = (length: number): string => 'x'.repeat(length);

/** What the parts of a bag take at most in one workflow, whatever its data are. */
export interface BagFrame {
  readonly names: NameLengths;
  /** Control fields, with no index in front of the state. */
  readonly control: number;
  /** The address of an object of the run, quotes included. */
  readonly address: number;
  /** A pointer that stands for a field, its name left out. */
  readonly fieldPointer: number;
  readonly statePointer: number;
  readonly historyArchive: number;
  /** What a branch leaves, and what says which branch to start; 0 where there are none. */
  readonly branchPointer: number;
  readonly branch: number;
  /** Characters of the longest path of a branch. */
  readonly branchPath: number;
}

/** Measured with the very texts that travel, as long as they may become. */
export function frameOf(compiled: CompiledWorkflow, names: NameLengths): BagFrame {
  const { bucket, owner_id, execution_id } = names;
  const address = `s3://${textOfLength(bucket)}/runs/${textOfLength(owner_id)}/${textOfLength(execution_id)}`;
  const pack = `${address}/packs/${HASH}.pack`;
  const blob = `${address}/blobs/${HASH}.json.zst`;
  const longest = pack.length > blob.length ? pack : blob;
  return {
    names,
    control: byteSizeOf(longestControl(compiled, { names, snapshot: longest })),
    address: byteSizeOf(longest),
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
    ...branchesOf(compiled, `${address}/map/${HASH}.json.zst`),
  };
}

function branchesOf(
  compiled: CompiledWorkflow,
  s3_path: string,
): Pick<BagFrame, 'branchPointer' | 'branch' | 'branchPath'> {
  const branches = [...compiled.segments.values()].flatMap((segment) =>
    Object.values(segment.branches).flat(),
  );
  const branchPath = branchPathLength(compiled);
  const branch_path = textOfLength(branchPath);
  const pointers = branches.map(({ branch_id, branch_index }) =>
    byteSizeOf({ branch_id, branch_index, status: 'CANCELLED', s3_path, sha256: HASH }),
  );
  return {
    branchPointer: Math.min(BUDGET.branchPointer, Math.max(0, ...pointers)),
    branch: Math.max(0, ...branches.map((branch) => byteSizeOf({ ...branch, branch_path }))),
    branchPath,
  };
}

const ADDRESSED = { sha256: HASH, encoding: 'json+zstd', offset: 9_999_999, length: 9_999_999 } as const;
const SIZES = { size_kb: 9_999_999, size_bytes: 9_999_999_999 } as const;

interface LongestControl {
  readonly names: NameLengths;
  /** The address of a snapshot. */
  readonly snapshot: string;
}

function longestControl(compiled: CompiledWorkflow, { names, snapshot }: LongestControl): JsonObject {
  const { manifest } = compiled;
  const maps = manifest.segments.some(({ segment_type }) => segment_type === 'map');
  const segment = textOfLength(Math.max(0, ...manifest.segments.map(({ segment_id }) => segment_id.length)));
  const nodes = [...compiled.segments.values()].flatMap(({ flow }) => Object.values(flow.nodes));
  const waits =
    nodes.some(({ config }) => config['retry'] !== undefined) ||
    manifest.segments.some(({ segment_type }) => segment_type !== 'normal' && segment_type !== 'llm');
  const node = textOfLength(
    Math.max(0, ...manifest.segments.flatMap(({ nodes }) => nodes.map((id) => id.length))),
  );
  const { max_loop_iterations, max_branch_iterations, max_concurrency, total_segments } = manifest;
  return {
    schema_version: 3,
    execution_id: textOfLength(names.execution_id),
    owner_id: textOfLength(names.owner_id),
    workflow_id: textOfLength(names.workflow_id),
    definition_id: HASH,
    idempotency_key: names.idempotency_key === 0 ? null : textOfLength(names.idempotency_key),
    branch_path: textOfLength(branchPathLength(compiled)),
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
    state_s3_path: null,
    segment_manifest_s3_path: null,
    pre_snapshot_s3_path: maps ? snapshot : null,
    post_snapshot_s3_path: maps ? snapshot : null,
    guardrail_verified: false,
    batch_count_actual: 1,
    start_time: NOW,
    last_update_time: NOW,
    payload_size_kb: 999,
    usage: USAGE,
  };
}

export const USAGE = {
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
