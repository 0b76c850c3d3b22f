import { type ExecutionId, isJsonObject, type JsonObject, type Timestamp } from '@statebag/contracts';
import { compileFlow } from '../compile/compile-flow.ts';
import type { CompiledNode, Flow } from '../compile/flow.ts';
import type { Workflow } from '../document/workflow.ts';
import { cachedParser } from '../expressions/create-evaluator.ts';
import { toJson } from '../expressions/to-json.ts';
import { unrecordedLedger } from '../ledger/unrecorded-ledger.ts';
import { NODES } from '../nodes/node-table.ts';
import type { LlmProviders } from '../providers/llm-provider.ts';
import { runFlow } from './run-flow.ts';
import { workingState } from './working-state.ts';

export interface MemoryRun {
  readonly execution_id: ExecutionId;
  readonly start_time: Timestamp;
  readonly providers: LlmProviders;
}

/** What a workflow comes to, without segments, stores, read sets or deadlines: every node sees the whole state. The yardstick for real runs. */
export async function evaluateInMemory(workflow: Workflow, input: JsonObject, { execution_id, start_time, providers }: MemoryRun): Promise<JsonObject> {
  const parse = cachedParser();
  const flow = seeingEverything(compileFlow(workflow, { reducers: workflow.reducers, parse }));
  const initial = toJson({ ...workflow.initial_state, ...input });
  const state = workingState(isJsonObject(initial) ? initial : {});
  const deps = { execution_id, start_time, providers, parse, ledger: unrecordedLedger(execution_id), clock: () => 0, deadline: Number.POSITIVE_INFINITY };
  await runFlow(flow, { node_id: flow.entry, item: 0 }, { state, variables: {}, loop: '', item: '', deps, onTurn: () => {}, onUsage: () => {} });
  return state.view(null);
}

function seeingEverything(flow: Flow): Flow {
  return { ...flow, nodes: Object.fromEntries(Object.entries(flow.nodes).map(([id, node]) => [id, withAllReads(node)])) };
}

function withAllReads(node: CompiledNode): CompiledNode {
  const bodies = Object.entries(NODES[node.type].rules).filter(([, { kind }]) => kind === 'body');
  const opened = bodies.map(([key]) => [key, seeingEverything(node.config[key] as Flow)]); // a body is always a flow
  return { ...node, reads: null, config: { ...node.config, ...Object.fromEntries(opened) } };
}
