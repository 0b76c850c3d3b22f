import type { NodeId, SegmentId } from '@statebag/contracts/ids';
import type { CompiledNode, Flow } from '../nodes/flow.ts';
import { hasBranches, nestedFlows } from '../nodes/node-config.ts';
import { type Cost, costOf, mostOf, sumOf } from './expected-cost.ts';
import { inOrder, predecessors } from './flow-order.ts';

/** What decides where a segment ends. */
export interface PartitionRules {
  /** Expected milliseconds that one invocation may take. */
  readonly segmentMillis: number;
  /** Nodes with outside calls on one way through a segment. */
  readonly callsPerSegment: number;
}

/** Nodes that one invocation runs. It is entered at its first node only. */
export interface Part {
  readonly id: SegmentId;
  readonly nodes: readonly CompiledNode[];
  /** The flow it is a part of: the workflow's, or a branch's. */
  readonly flow: Flow;
}

interface Draft {
  readonly flow: Flow;
  readonly nodes: CompiledNode[];
  /** Along the longest way from the entry up to and with a node. */
  readonly reached: Map<NodeId, Cost>;
}

/**
 * Splits a flow into segments. A node joins the segment that everything before it is in, as long as time and
 * calls allow;
 * otherwise it begins a new one, and so does the first node of an open loop. So a segment is entered in one
 * place, and a run that takes another way skips it whole.
 * Where the state machine has to act, a segment ends. Branches are split by the same rules and stand behind
 * the segment that starts them.
 */
export function partition(flow: Flow, rules: PartitionRules): readonly Part[] {
  const drafts = draftsOf(flow, rules);
  return drafts.map((draft, index) => ({
    id: segmentIdOf(index, drafts.length, draft.nodes[0]),
    nodes: draft.nodes,
    flow: draft.flow,
  }));
}

function draftsOf(flow: Flow, rules: PartitionRules): readonly Draft[] {
  const leading = predecessors(flow);
  const begunAgain = new Set(Object.values(flow.nodes).map(({ begins_again_at }) => begins_again_at));
  const drafts: Draft[] = [];
  const home = new Map<NodeId, Draft>();
  for (const node of inOrder(flow)) {
    const before = leading.get(node.id) ?? [];
    const shared = begunAgain.has(node.id) ? null : sharedHome(before, home);
    const draft: Draft =
      shared && fits(node, before, { draft: shared, rules })
        ? shared
        : { flow, nodes: [], reached: new Map() };
    if (draft.nodes.length === 0) drafts.push(draft);
    draft.reached.set(node.id, costAfter(node, before, draft));
    draft.nodes.push(node);
    home.set(node.id, draft);
  }
  return drafts.flatMap((draft) => [
    draft,
    ...draft.nodes
      .filter(hasBranches)
      .flatMap(nestedFlows)
      .flatMap((branch) => draftsOf(branch, rules)),
  ]);
}

function sharedHome(before: readonly CompiledNode[], home: ReadonlyMap<NodeId, Draft>): Draft | null {
  const homes = new Set(before.map(({ id }) => home.get(id)));
  const [only] = homes;
  return homes.size === 1 && only ? only : null;
}

function fits(
  node: CompiledNode,
  before: readonly CompiledNode[],
  { draft, rules }: { readonly draft: Draft; readonly rules: PartitionRules },
): boolean {
  if (before.some(({ hands_over }) => hands_over)) return false;
  if (node.begins_again_at !== undefined) return true; // a decision, not worth a segment of its own
  const { millis, calls } = costAfter(node, before, draft);
  const isTooLongAnyway = millis - costOf(node).millis <= rules.segmentMillis * NEGLIGIBLE_SHARE;
  return (millis <= rules.segmentMillis || isTooLongAnyway) && calls <= rules.callsPerSegment;
}

/**
 * A node that fits no segment yields and comes back; nodes that take less than this before it are not worth a
 * segment.
 */
const NEGLIGIBLE_SHARE = 0.01;

function costAfter(node: CompiledNode, before: readonly CompiledNode[], { reached }: Draft): Cost {
  return sumOf(mostOf(before.flatMap(({ id }) => reached.get(id) ?? [])), costOf(node));
}

const LONGEST_NAME = 56;

/** `s03-draft-answers`: the place in the order and the first node. */
function segmentIdOf(index: number, count: number, first: CompiledNode | undefined): SegmentId {
  const number = String(index + 1).padStart(Math.max(2, String(count).length), '0');
  // a number and an id make an id
  return `s${number}-${(first?.id ?? '').slice(0, LONGEST_NAME)}` as SegmentId;
}
