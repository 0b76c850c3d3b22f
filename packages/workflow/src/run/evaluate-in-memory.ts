import { isJsonObject, type JsonObject, type Timestamp } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import { compileFlow } from '../compile/compile-flow.ts';
import { spendLimitsOf } from '../compile/spend-limits.ts';
import type { Workflow } from '../document/workflow.ts';
import { cachedParser } from '../expressions/create-evaluator.ts';
import { evaluationBudget } from '../expressions/evaluation-budget.ts';
import { toJson } from '../expressions/to-json.ts';
import { guardedHttp } from '../http/guarded-http.ts';
import type { HttpClient } from '../http/http-client.ts';
import { unrecordedLedger } from '../ledger/unrecorded-ledger.ts';
import type { AnswerApproval, InvokeFunction } from '../nodes/answers-outside.ts';
import { fieldsSeenIn } from '../nodes/field-scope.ts';
import type { CompiledNode, Flow } from '../nodes/flow.ts';
import { mapNested } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { foundIn, noNodes, type OpenOwnNodes } from '../own/own-nodes.ts';
import { noFiles, type OpenFile } from '../providers/attached-files.ts';
import type { LlmProviders } from '../providers/llm-provider.ts';
import { bookInMemory, spendOf } from '../providers/spend-guard.ts';
import { noSecrets, type ReadSecret } from '../secrets/secret-references.ts';
import { memoryBudget } from './memory-budget.ts';
import { runFlow } from './run-flow.ts';
import { workingState } from './working-state.ts';

export interface MemoryRun {
  readonly execution_id: ExecutionId;
  readonly start_time: Timestamp;
  readonly providers: LlmProviders;
  /** What people decide; without it every approval is approved. */
  readonly answer?: AnswerApproval;
  readonly http?: HttpClient;
  readonly secret?: ReadSecret;
  readonly openFile?: OpenFile;
  readonly invoke?: InvokeFunction;
  readonly nodes?: OpenOwnNodes;
}

/**
 * What a workflow comes to, without segments, stores, read sets or deadlines: every node sees the whole
 * state. The yardstick for real runs.
 */
export async function evaluateInMemory(
  workflow: Workflow,
  input: JsonObject,
  run: MemoryRun,
): Promise<JsonObject> {
  const parse = cachedParser();
  const flow = seeingEverything(compileFlow(workflow, { reducers: workflow.reducers, parse }));
  const initial = toJson({ ...workflow.initial_state, ...input });
  const memory = memoryBudget();
  const state = workingState(isJsonObject(initial) ? initial : {}, memory);
  const limits = spendLimitsOf(workflow.options);
  const deps = {
    http: guardedHttp(),
    secret: noSecrets,
    openFile: noFiles,
    invoke: null,
    answer: () => ({ choice: 'approve' }),
    ...run,
    own: foundIn(run.nodes ?? noNodes),
    parse,
    showsValues: false,
    limits,
    spendOf: spendOf({ execution_id: run.execution_id, limits, book: bookInMemory() }),
    budget: evaluationBudget(),
    memory,
    ledger: unrecordedLedger(run.execution_id),
    now: Date.parse(run.start_time),
    clock: () => 0,
    deadline: Number.POSITIVE_INFINITY,
    mayYield: false,
    leavesAt: null,
    pause: async () => undefined,
  };
  await runFlow(
    flow,
    { node_id: flow.entry, item: 0 },
    { state, variables: {}, loop: '', item: '', deps, onTurn: () => {}, onUsage: () => {} },
  );
  return fieldsSeenIn('', state.view(null));
}

function seeingEverything(flow: Flow): Flow {
  return {
    ...flow,
    nodes: Object.fromEntries(Object.entries(flow.nodes).map(([id, node]) => [id, withAllReads(node)])),
  };
}

function withAllReads(node: CompiledNode): CompiledNode {
  const reads = definitionOf(node).sendsView ? node.reads : null;
  return { ...node, reads, config: mapNested(node, seeingEverything) };
}
