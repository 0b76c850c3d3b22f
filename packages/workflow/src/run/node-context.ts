import type { JsonObject } from '@statebag/contracts';
import { rootOf } from '@statebag/contracts/fork-lineage';
import type { Variables } from '../expressions/bounded-evaluation.ts';
import { createEvaluator } from '../expressions/create-evaluator.ts';
import type { BodyResult, BodyRun, NodeContext } from '../nodes/define-node.ts';
import { fieldsSeenIn } from '../nodes/field-scope.ts';
import type { BranchFlow, CompiledNode, Flow } from '../nodes/flow.ts';
import { type FlowRun, isShortOf, timeLeft } from './flow-run.ts';

/** How what is inside of a node runs. */
interface RunNested {
  readonly runBody: (flow: Flow, body: BodyRun, run: FlowRun) => Promise<BodyResult>;
  readonly runBranches: (branches: readonly BranchFlow[], run: FlowRun) => Promise<void>;
}

/** What a node has at hand on this turn. */
export function contextOf(
  node: CompiledNode,
  item: number,
  run: FlowRun,
  { runBody, runBranches }: RunNested,
): NodeContext {
  const { deps, state, loop } = run;
  const callPlace = { node_id: node.id, node_version: node.version, loop, item: run.item };
  const place = {
    // a fork that drew other numbers would ask other questions
    execution_id: rootOf(deps.execution_id),
    start_time: deps.start_time,
    node_id: node.id,
    loop,
    item: run.item,
  };
  const use = node.use?.reads ?? '';
  const view = () => fieldsSeenIn(use, state.view(node.reads));
  const evaluatorOver = (written: JsonObject, variables: Variables) =>
    createEvaluator({
      view: { ...view(), ...written },
      variables: { ...run.variables, ...variables },
      place,
      parse: deps.parse,
      showsValues: deps.showsValues,
      budget: deps.budget,
    });
  return {
    node,
    loop,
    evaluator: evaluatorOver({}, {}),
    evaluatorOver,
    providers: deps.providers,
    spending: { spend: deps.spendOf(node.id), limits: deps.limits, prices: deps.prices },
    http: deps.http,
    secret: deps.secret,
    openFile: deps.openFile,
    invoke: deps.invoke,
    own: deps.own,
    answer: deps.answer,
    now: deps.now,
    view,
    resume: { item, progress: item === 0 ? null : state.progressOf(node) },
    isShortOf: (millis, at) => isShortOf(deps, millis, { node_id: node.id, item: at }),
    timeLeft: (millis) => timeLeft(deps, millis),
    clock: deps.clock,
    mayYield: deps.mayYield,
    pause: deps.pause,
    tellItems: (items) => run.onItems?.(items),
    runBody: async (flow, body) => {
      const { written, last } = await runBody(flow, body, run);
      return { written: fieldsSeenIn(use, written), last };
    },
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
