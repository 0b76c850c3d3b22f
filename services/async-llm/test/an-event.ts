import type { JsonObject, Sha256, Timestamp } from '@statebag/contracts';
import {
  type BranchPath,
  type DefinitionId,
  executionId,
  type NodeId,
  type OwnerId,
  type WorkflowId,
} from '@statebag/contracts/ids';
import type { AsyncModelCall } from '@statebag/contracts/schemas/model-call';
import { canonicalJson, sha256Of } from '@statebag/state-core';

const NODE_VERSION = 'a'.repeat(64) as Sha256; // sixty-four hex digits by sight
const QUESTION = { provider: 'openai-compatible', model: 'm', prompt: 'Think long.' };
let runs = 0;

/** An event as the machine sends it for a run of its own, but for the token. */
export function anEvent(call: Partial<AsyncModelCall> = {}, execution_id = executionId(`run-${++runs}`)) {
  const input_sha256 = sha256Of(canonicalJson(QUESTION));
  const asked: AsyncModelCall = {
    schema_version: 1,
    ...QUESTION,
    tries: 1,
    timeout_ms: 10_000,
    node_version: NODE_VERSION,
    input_sha256,
    loop: '',
    item: '',
    ...call,
  };
  const ledger_key = sha256Of(canonicalJson([NODE_VERSION, input_sha256, execution_id, '', '', '']));
  return {
    schema_version: 3 as const,
    execution_id,
    owner_id: 'owner' as OwnerId,
    workflow_id: 'flow' as WorkflowId,
    definition_id: 'd'.repeat(8) as DefinitionId,
    branch_path: '' as BranchPath,
    segment_id: 's01-ask',
    loop_counter: 1,
    now: '2026-01-31T12:00:00.000Z' as Timestamp,
    request: {
      kind: 'async_llm' as const,
      node_id: 'ask' as NodeId,
      field: 'answer',
      ledger_key,
      call: asked as JsonObject,
      timeout_seconds: 960,
    },
  };
}
