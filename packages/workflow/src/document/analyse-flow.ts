import type { Flow } from '../compile/flow.ts';
import { type CompiledNode, writesOf } from '../compile/flow.ts';
import { nestedFlows } from '../compile/nested-flows.ts';
import type { BranchFlow } from './config-rules.ts';
import type { Path, Report } from './diagnostics.ts';
import type { Workflow } from './workflow.ts';

interface Surroundings {
  readonly report: Report;
  readonly places: ReadonlyMap<string, Path>;
}

/** What only the compiled flow shows: fields nobody writes, branches that write the same, pauses where none can be. */
export function analyseFlow(flow: Flow, workflow: Workflow, around: Surroundings): void {
  const known = new Set([...Object.keys(workflow.initial_state), ...declaredInput(workflow), ...everyWrite(flow)]);
  for (const node of everyNodeOf(flow)) {
    const at = around.places.get(node.id) ?? [];
    checkReads(node, known, { at, report: around.report });
    checkBranches(node, { at, report: around.report });
  }
  checkPauses(flow, null, around);
}

type Here = { readonly at: Path; readonly report: Report };

function* everyNodeOf(flow: Flow): Generator<CompiledNode> {
  for (const node of Object.values(flow.nodes)) {
    yield node;
    for (const inner of nestedFlows(node)) yield* everyNodeOf(inner);
  }
}

function everyWrite(flow: Flow): readonly string[] {
  return [...everyNodeOf(flow)].flatMap(({ writes }) => writes);
}

/** Names in `input` nodes and properties of `state.schema`. */
function declaredInput({ nodes, fields }: Workflow): readonly string[] {
  const inputs = nodes.filter(({ type }) => type === 'input').flatMap(({ config }) => (Array.isArray(config['fields']) ? config['fields'] : []));
  return [...inputs.filter((field) => typeof field === 'string'), ...fields];
}

/** A node with a body reads what its inner nodes read: the innermost one is told. */
function checkReads(node: CompiledNode, known: ReadonlySet<string>, { at, report }: Here): void {
  if (nestedFlows(node).length > 0) return;
  if (node.reads === null)
    report.add({ code: 'reads-everything', at, message: `node ${JSON.stringify(node.id)} uses the state as a whole, so all of it is loaded` });
  for (const field of node.reads ?? []) {
    if (!known.has(field))
      report.add({ code: 'unwritten-read', at, message: `node ${JSON.stringify(node.id)} reads ${JSON.stringify(field)}, which nothing writes` });
  }
}

function checkBranches({ type, config, reducers }: CompiledNode, { at, report }: Here): void {
  if (type !== 'parallel_group' || !Array.isArray(config['branches'])) return;
  const writers = new Map<string, string>();
  for (const { id, flow } of config['branches'] as unknown as readonly BranchFlow[]) {
    // compiled from checked branches
    for (const field of writesOf(flow)) {
      const other = writers.get(field);
      if (other !== undefined && !Object.hasOwn(reducers, field))
        report.add({
          code: 'write-conflict',
          at,
          message: `the branches ${JSON.stringify(other)} and ${JSON.stringify(id)} both write ${JSON.stringify(field)}`,
        });
      writers.set(field, id);
    }
  }
}

const PAUSING: ReadonlySet<string> = new Set(['human_approval', 'wait']);

/** An item runs inside of one invocation, which cannot wait; told once, whatever lists are around. */
function checkPauses(flow: Flow, list: CompiledNode | null, around: Surroundings): void {
  for (const node of Object.values(flow.nodes)) {
    if (list && PAUSING.has(node.type))
      around.report.add({
        code: 'pause-in-body',
        at: around.places.get(node.id) ?? [],
        message: `node ${JSON.stringify(node.id)} pauses inside of the list ${JSON.stringify(list.id)}, whose items run without a break`,
      });
    for (const inner of nestedFlows(node)) checkPauses(inner, node.type === 'for_each' ? node : list, around);
  }
}
