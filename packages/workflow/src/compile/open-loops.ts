import { type Json, StatebagError } from '@statebag/contracts';
import type { NodeId } from '@statebag/contracts/ids';
import { type ReadSet, unionOfReads } from '../expressions/read-set.ts';
import type { CompiledNode, Flow } from '../nodes/flow.ts';
import { choosesItsWay, mapWays, nestedFlows } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { scopedReads } from './compile-flow.ts';
import { costOfLongestWay } from './expected-cost.ts';
import { waysFrom } from './flow-order.ts';
import { handsOver, inBranches, marked } from './hands-over.ts';
import type { PartitionRules } from './partition.ts';

interface Surroundings {
  readonly rules: PartitionRules;
  /** What an expression reads. */
  readonly readsOf: (source: Json) => readonly ReadSet[];
}

/**
 * The flow as the state machine meets it. A loop that one invocation cannot run is laid open: the nodes of
 * its body stand beside the others,
 * and the loop itself, behind them, decides whether it goes on or begins again. Each node knows the open
 * loops around it, outermost first, those in
 * branches too; nodes that hand over are marked. Bodies that stay closed stay as they are.
 */
export function withOpenLoops(flow: Flow, around: Surroundings, loops: readonly NodeId[] = []): Flow {
  const bodies = new Map(
    Object.values(flow.nodes)
      .filter((node) => isOpen(node, around.rules))
      .map((loop) => [loop.id, openBody(loop, around, loops)] as const),
  );
  const enter = (id: NodeId): NodeId => bodies.get(id)?.entry ?? id;
  const nodes = Object.values(flow.nodes).flatMap((node) => {
    const body = bodies.get(node.id);
    return body
      ? [...Object.values(body.nodes), turnOf(node, body, { around, loops })]
      : [standing(node, enter, { around, loops })];
  });
  const next = Object.fromEntries(Object.entries(flow.next).map(([from, to]) => [from, enter(to)]));
  return {
    entry: enter(flow.entry),
    nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
    next: Object.assign(next, ...[...bodies.values()].map((body) => body.next)),
  };
}

/** A loop whose body needs the state machine, or does not fit one invocation. */
function isOpen(node: CompiledNode, rules: PartitionRules): boolean {
  if (!definitionOf(node).opensUp) return false;
  const body = bodyOf(node);
  if (
    Object.values(body.nodes).some((inner) => handsOver(inner, rules.segmentMillis) || isOpen(inner, rules))
  )
    return true;
  const { millis, calls } = costOfLongestWay(body);
  return millis > rules.segmentMillis || calls > rules.callsPerSegment;
}

function bodyOf(loop: CompiledNode): Flow {
  const [body] = nestedFlows(loop);
  if (body) return body;
  throw new StatebagError('Workflow.Invalid', `node ${loop.id} repeats, and has nothing to repeat`);
}

/** The body, its ends leading to the loop. */
function openBody(loop: CompiledNode, around: Surroundings, loops: readonly NodeId[]): Flow {
  const body = withOpenLoops(bodyOf(loop), around, [...loops, loop.id]);
  const ends = Object.values(body.nodes).filter((node) => waysFrom(body, node).length === 0);
  return { ...body, next: { ...body.next, ...Object.fromEntries(ends.map(({ id }) => [id, loop.id])) } };
}

interface Place {
  readonly around: Surroundings;
  readonly loops: readonly NodeId[];
}

/** What is left of an open loop: the decision after each iteration. */
function turnOf(loop: CompiledNode, body: Flow, { around, loops }: Place): CompiledNode {
  const { rules } = definitionOf(loop);
  const own = Object.entries(loop.config).filter(([key]) => rules[key]?.kind !== 'body');
  const evaluated = own.filter(([key]) => rules[key]?.afterBody).map(([, value]) => value);
  const reads = unionOfReads(around.readsOf(evaluated).map((read) => scopedReads(loop.use, read)));
  return {
    ...within(loop, loops),
    config: Object.fromEntries(own),
    reads: reads === 'all' ? null : [...reads].sort(),
    writes: [],
    reducers: {},
    begins_again_at: body.entry,
  };
}

/** A node that stays one: it leads into open loops at their first nodes, and so do its branches. */
function standing(node: CompiledNode, enter: (id: NodeId) => NodeId, { around, loops }: Place): CompiledNode {
  const own = inBranches(within(marked(node, around.rules.segmentMillis), loops), (branch) =>
    withOpenLoops(branch, around, loops),
  );
  return choosesItsWay(node) ? { ...own, config: mapWays(node, enter) } : own;
}

function within(node: CompiledNode, loops: readonly NodeId[]): CompiledNode {
  return loops.length === 0 ? node : { ...node, loops };
}
