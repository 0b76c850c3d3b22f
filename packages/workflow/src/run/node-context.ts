import type { JsonObject } from '@statebag/contracts';
import type { CompiledNode, Flow } from '../compile/flow.ts';
import type { BranchFlow } from '../document/config-rules.ts';
import { createEvaluator, type Variables } from '../expressions/create-evaluator.ts';
import type { BodyResult, BodyRun, NodeContext } from '../nodes/define-node.ts';
import { type FlowRun, isShortOf, timeLeft } from './flow-run.ts';

/** How what is inside of a node runs. */
interface RunNested {
  readonly runBody: (flow: Flow, body: BodyRun, run: FlowRun) => Promise<BodyResult>;
  readonly runBranches: (branches: readonly BranchFlow[], run: FlowRun) => Promise<void>;
}

/** What a node has at hand on this turn. */
export function contextOf(node: CompiledNode, item: number, run: FlowRun, { runBody, runBranches }: RunNested): NodeContext {
  const { deps, state, loop } = run;
  const callPlace = { node_id: node.id, node_version: node.version, loop, item: run.item };
  const place = { execution_id: deps.execution_id, start_time: deps.start_time, node_id: node.id, loop, item: run.item };
  const evaluatorOver = (written: JsonObject, variables: Variables) =>
    createEvaluator({ view: { ...state.view(node.reads), ...written }, variables: { ...run.variables, ...variables }, place, parse: deps.parse });
  return {
    node,
    loop,
    evaluator: evaluatorOver({}, {}),
    evaluatorOver,
    providers: deps.providers,
    http: deps.http,
    invoke: deps.invoke,
    answer: deps.answer,
    now: deps.now,
    view: () => state.view(node.reads),
    resume: { item, progress: item === 0 ? null : state.progressOf(node) },
    isShortOf: (millis) => isShortOf(deps, millis),
    timeLeft: (millis) => timeLeft(deps, millis),
    clock: deps.clock,
    runBody: (flow, body) => runBody(flow, body, run),
    runBranches: (branches) => runBranches(branches, run),
    recorded: async (input) => {
      const found = await deps.ledger.lookUp(callPlace, input);
      if (found.recorded) run.onUsage(found.recorded.usage);
      return found;
    },
    call: async (call) => {
      const { result, usage } = await deps.ledger.call(callPlace, call);
      run.onUsage(usage);
      return result;
    },
  };
}
