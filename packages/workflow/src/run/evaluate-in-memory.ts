import { type ExecutionId, isJsonObject, type JsonObject, type Timestamp } from '@statebag/contracts';
import { compileFlow } from '../compile/compile-flow.ts';
import type { CompiledNode, Flow } from '../compile/flow.ts';
import { mapNested } from '../compile/nested-flows.ts';
import type { Workflow } from '../document/workflow.ts';
import { cachedParser } from '../expressions/create-evaluator.ts';
import { toJson } from '../expressions/to-json.ts';
import { guardedHttp } from '../http/guarded-http.ts';
import type { HttpClient } from '../http/http-client.ts';
import { unrecordedLedger } from '../ledger/unrecorded-ledger.ts';
import type { AnswerApproval, InvokeFunction } from '../nodes/define-node.ts';
import type { LlmProviders } from '../providers/llm-provider.ts';
import { runFlow } from './run-flow.ts';
import { workingState } from './working-state.ts';

export interface MemoryRun {
  readonly execution_id: ExecutionId;
  readonly start_time: Timestamp;
  readonly providers: LlmProviders;
  /** What people decide; without it every approval is approved. */
  readonly answer?: AnswerApproval;
  readonly http?: HttpClient;
  readonly invoke?: InvokeFunction;
}

/** What a workflow comes to, without segments, stores, read sets or deadlines: every node sees the whole state. The yardstick for real runs. */
export async function evaluateInMemory(workflow: Workflow, input: JsonObject, run: MemoryRun): Promise<JsonObject> {
  const parse = cachedParser();
  const flow = seeingEverything(compileFlow(workflow, { reducers: workflow.reducers, parse }));
  const initial = toJson({ ...workflow.initial_state, ...input });
  const state = workingState(isJsonObject(initial) ? initial : {});
  const deps = {
    ...{ http: guardedHttp(), invoke: null, answer: () => ({ choice: 'approve' }), ...run },
    ...{
      parse,
      ledger: unrecordedLedger(run.execution_id),
      now: Date.parse(run.start_time),
      clock: () => 0,
      deadline: Number.POSITIVE_INFINITY,
      mayYield: false,
    },
  };
  await runFlow(flow, { node_id: flow.entry, item: 0 }, { state, variables: {}, loop: '', item: '', deps, onTurn: () => {}, onUsage: () => {} });
  return state.view(null);
}

function seeingEverything(flow: Flow): Flow {
  return { ...flow, nodes: Object.fromEntries(Object.entries(flow.nodes).map(([id, node]) => [id, withAllReads(node)])) };
}

function withAllReads(node: CompiledNode): CompiledNode {
  const reads = node.type === 'lambda' ? node.reads : null; // what it is sent is what it reads
  return { ...node, reads, config: mapNested(node, seeingEverything) };
}
