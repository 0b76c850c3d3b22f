import { StatebagError } from '@statebag/contracts';
import type { DefinitionId, SegmentId } from '@statebag/contracts/ids';
import type { Workflow } from '../document/workflow.ts';
import { cachedParser } from '../expressions/create-evaluator.ts';
import type { Flow } from '../nodes/flow.ts';
import { hasBranches, nestedFlows } from '../nodes/node-config.ts';
import { compileFlow } from './compile-flow.ts';
import { inOrder } from './flow-order.ts';
import { withHandOvers } from './hands-over.ts';
import { withLegacyJoin } from './legacy-join.ts';
import type { Part } from './partition.ts';
import type { SegmentDefinition } from './segment-definition.ts';
import { segmentOf } from './segment-of.ts';

/** A segment as a first-generation partition map lists it: an id, and the ids of its nodes. */
export interface MapEntry {
  readonly id: SegmentId;
  readonly nodes: readonly string[];
}

/**
 * The segments of a workflow that was partitioned elsewhere, in the map's order.
 * @throws `Workflow.Invalid` naming a segment whose nodes are not of one flow
 */
export function compileByMap(
  workflow: Workflow,
  map: readonly MapEntry[],
  definition_id: DefinitionId,
): readonly SegmentDefinition[] {
  const flow = withHandOvers(
    compileFlow(workflow, { reducers: workflow.reducers, parse: cachedParser() }),
    NO_LIMIT,
  );
  const flows = [flow, ...flowsBelow(flow)];
  const parts = map.map((entry) => partOf(entry, flows));
  return parts.map((part) => withLegacyJoin(segmentOf(part, parts, definition_id), part, workflow));
}

/** The map says where segments end; only what has to hand over does. */
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** Of the branches of its groups, and of theirs. */
function flowsBelow(flow: Flow): readonly Flow[] {
  const branches = Object.values(flow.nodes).filter(hasBranches).flatMap(nestedFlows);
  return branches.flatMap((branch) => [branch, ...flowsBelow(branch)]);
}

function partOf({ id, nodes }: MapEntry, flows: readonly Flow[]): Part {
  const flow = flows.find(
    (each) => nodes.length > 0 && nodes.every((node) => Object.hasOwn(each.nodes, node)),
  );
  if (flow) return { id, flow, nodes: inOrder(flow).filter((node) => nodes.includes(node.id)) };
  throw new StatebagError(
    'Workflow.Invalid',
    `partition map: the nodes of segment ${id} (${nodes.join(', ')}) are not of one flow of the workflow`,
  );
}

/**
 * A workflow as one segment that runs all of it, groups included; for configs that hold a segment's nodes and
 * nothing of the others.
 */
export function compileWhole(
  workflow: Workflow,
  { id, definition_id }: { readonly id: SegmentId; readonly definition_id: DefinitionId },
): SegmentDefinition {
  const flow = compileFlow(workflow, { reducers: workflow.reducers, parse: cachedParser() });
  const part = { id, flow, nodes: inOrder(flow) };
  return { ...segmentOf(part, [part], definition_id), flow, branches: {} };
}
