import type { Json, JsonObject } from '../json.ts';
import { SCHEMA_VERSION } from '../statuses.ts';

/*
 * What the sample events of the actions are put together from: one run of two segments that answers tickets.
 * What they refer to lies in `stored-objects.json` beside the sample events.
 */

const run = {
  schema_version: SCHEMA_VERSION,
  owner_id: 'acme',
  workflow_id: 'ticket-triage',
  execution_id: 'run-0001',
  definition_id: '0f'.repeat(32),
};
const input = {
  tickets: [
    { id: 'T-1', text: 'The export stops at 99 %.' },
    { id: 'T-2', text: 'Please change my invoice address.' },
  ],
  customer: 'Blue Heron Ltd',
};
const resultId = {
  execution_id: run.execution_id,
  branch_path: '',
  loop_counter: 0,
  segment_id: 's01-classify',
};
const usage = { llm_calls: 1, input_tokens: 200, output_tokens: 30, cost_nano_usd: 48_000 };

/** The bag between its two segments. */
const bag: JsonObject = {
  ...run,
  idempotency_key: null,
  branch_path: '',
  segment_id: 's01-classify',
  segment_to_run: 's02-answer',
  total_segments: 3,
  loop_counter: 1,
  resume_count: 0,
  max_loop_iterations: 125,
  max_branch_iterations: 150,
  max_concurrency: 10,
  distributed_strategy: null,
  status: 'CONTINUE',
  next_action: 'CONTINUE',
  cursor: null,
  wait_until: null,
  history_events: 12,
  state_s3_path: null,
  segment_manifest_s3_path: null,
  pre_snapshot_s3_path: null,
  post_snapshot_s3_path: null,
  guardrail_verified: false,
  batch_count_actual: 1,
  start_time: '2026-01-31T12:00:00.000Z',
  last_update_time: '2026-01-31T12:00:00.000Z',
  payload_size_kb: 2,
  current_state: input,
  state_history: [],
  usage: { llm_calls: 0, input_tokens: 0, output_tokens: 0, cost_nano_usd: 0 },
};

/** What is different before the first segment. */
const started = {
  segment_id: null,
  segment_to_run: 's01-classify',
  loop_counter: 0,
  status: 'STARTED',
  next_action: 'STARTED',
  history_events: 0,
};

function entry(id: string): JsonObject {
  return {
    id,
    segment_id: 's01-classify',
    node_id: 'classify',
    type: 'llm_chat',
    status: 'SUCCEEDED',
    started_at: '2026-01-31T12:00:01.000Z',
    ended_at: '2026-01-31T12:00:03.000Z',
    attempt: 1,
    summary: '2 tickets',
  };
}

function logged(line: string): JsonObject {
  return { op: 'reduce', field: 'log', reducer: 'append', value: [line] };
}

const result: JsonObject = {
  status: 'CONTINUE',
  result_id: resultId,
  delta: [
    {
      op: 'set',
      field: 'classes',
      value: [
        { id: 'T-1', class: 'bug', urgency: 'high' },
        { id: 'T-2', class: 'billing', urgency: 'low' },
      ],
    },
    logged('classified 2 tickets'),
  ],
  next_segment_to_run: 's02-answer',
  new_history_logs: [entry('h-0001')],
  error_info: null,
  branches: null,
  segment_type: 'llm',
  usage: { llm_calls: 2, input_tokens: 412, output_tokens: 58, cost_nano_usd: 96_600 },
  cursor: null,
  wait_until: null,
  retry_count: 0,
  request: null,
};

function branchRecord(index: number, urgency: string, ticket: string): JsonObject {
  return {
    schema_version: 1,
    branch_id: `${urgency}-urgency`,
    branch_index: index,
    status: 'COMPLETE',
    delta: [
      { op: 'set', field: urgency, value: [ticket] },
      logged(index === 0 ? 'first branch' : 'second branch'),
    ],
    history: [entry(`h-b${index}`)],
    usage,
    failures: [],
  };
}

export const SAMPLE = {
  now: '2026-01-31T12:00:10.000Z',
  start: { ...run, input },
  bag,
  started,
  result,
  resultId,
  usage,
  branchResult: {
    ...result,
    status: 'COMPLETE',
    result_id: { ...resultId, branch_path: '0' },
    next_segment_to_run: null,
  },
  /** In the order in which they came in. */
  branchRecords: [branchRecord(1, 'low', 'T-2'), branchRecord(0, 'high', 'T-1')],
  chunks: [
    { chunk_id: 'chunk-10', status: 'COMPLETE', execution_order: 10, output: { item: 10 } },
    { chunk_id: 'chunk-9', status: 'FAILED', execution_order: 9, error: 'Node.Failed' },
    { chunk_id: 'chunk-1', status: 'COMPLETE', execution_order: 1, output: { item: 1 } },
    { chunk_id: 'chunk-0', status: 'COMPLETE', execution_order: 0, output: { item: 0 } },
  ],
  failure: {
    segment_id: 's02-answer',
    branch_path: '',
    status: 'FAILED',
    error: 'Node.Failed',
    message: 'the model refused',
    node_id: 'answer',
  },
  snapshot:
    's3://statebag-state-dev-account-region/runs/acme/run-0001/snapshots/4e949730c8ccb221d48d9b95482d35bf6f8a95c5b45dbaf6baa86b4a60615996.json',
  legacyUpdate: {
    state_data: {
      owner_id: run.owner_id,
      execution_id: run.execution_id,
      workflow_id: run.workflow_id,
      segment_to_run: 0,
      current_state: { tickets: ['T-1'], customer: 'Blue Heron Ltd' },
      state_history: [{ id: 'h-1', note: 'started' }],
      partition_map: [{ id: 0 }, { id: 1 }],
    },
    execution_result: {
      status: 'SUCCESS',
      final_state: { tickets: ['T-1'], customer: 'Blue Heron Ltd', classes: ['bug'] },
      next_segment_to_run: 1,
      new_history_logs: [{ id: 'h-2', note: 'classified' }],
      error_info: null,
    },
    max_payload_size_kb: 200,
  },
  compressed: 'H4sIAAAAAAAAA6tWSi4tKkrNK4kvLkksSVWyqlYqyUzOTi0pVrKKVgrRNVSKra0FAByZc3AlAAAA',
} satisfies Record<string, Json>;
