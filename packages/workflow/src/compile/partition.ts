import type { NodeId, SegmentId } from '@statebag/contracts';
import { NODES } from '../nodes/node-table.ts';
import type { CompiledNode, Flow } from './flow.ts';
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
}

interface Draft {
  readonly nodes: CompiledNode[];
  /** Along the longest way from the entry up to and with a node. */
  readonly reached: Map<NodeId, { readonly millis: number; readonly calls: number }>;
}

/**
 * Splits a flow into segments. A node joins the segment that everything before it is in, as long as time and calls allow;
 * otherwise it begins a new one. So a segment is entered in one place, and a run that takes another way skips it whole.
 */
export function partition(flow: Flow, rules: PartitionRules): readonly Part[] {
  const leading = predecessors(flow);
  const drafts: Draft[] = [];
  const home = new Map<NodeId, Draft>();
  for (const node of inOrder(flow)) {
    const before = leading.get(node.id) ?? [];
    const shared = sharedHome(before, home);
    const draft: Draft = shared && fits(node, before, { draft: shared, rules }) ? shared : { nodes: [], reached: new Map() };
    if (draft.nodes.length === 0) drafts.push(draft);
    draft.reached.set(node.id, costAfter(node, before, draft));
    draft.nodes.push(node);
    home.set(node.id, draft);
  }
  return drafts.map(({ nodes }, index) => ({ id: segmentIdOf(index, drafts.length, nodes[0]), nodes }));
}

function sharedHome(before: readonly CompiledNode[], home: ReadonlyMap<NodeId, Draft>): Draft | null {
  const homes = new Set(before.map(({ id }) => home.get(id)));
  const [only] = homes;
  return homes.size === 1 && only ? only : null;
}

function fits(node: CompiledNode, before: readonly CompiledNode[], { draft, rules }: { readonly draft: Draft; readonly rules: PartitionRules }): boolean {
  const { millis, calls } = costAfter(node, before, draft);
  const isTooLongAnyway = millis - expectedMillisOf(node) <= rules.segmentMillis * NEGLIGIBLE_SHARE;
  return (millis <= rules.segmentMillis || isTooLongAnyway) && calls <= rules.callsPerSegment;
}

/** A node that fits no segment yields and comes back; nodes that take less than this before it are not worth a segment. */
const NEGLIGIBLE_SHARE = 0.01;

function costAfter(node: CompiledNode, before: readonly CompiledNode[], { reached }: Draft): { readonly millis: number; readonly calls: number } {
  const costs = before.flatMap(({ id }) => reached.get(id) ?? []);
  return {
    millis: Math.max(0, ...costs.map(({ millis }) => millis)) + expectedMillisOf(node),
    calls: Math.max(0, ...costs.map(({ calls }) => calls)) + (callsOutside(node) ? 1 : 0),
  };
}

/** How long a node is expected to take, bodies included. */
export function expectedMillisOf(node: CompiledNode): number {
  return NODES[node.type].expectedMillis(node.config, (flow) => Object.values(flow.nodes).reduce((sum, inner) => sum + expectedMillisOf(inner), 0));
}

/** Whether the node, or one in its body, makes outside calls. */
export function callsOutside({ type, config }: CompiledNode): boolean {
  if (NODES[type].outsideCall) return true;
  const bodies = Object.entries(NODES[type].rules).filter(([, { kind }]) => kind === 'body');
  return bodies.some(([key]) => Object.values((config[key] as Flow).nodes).some(callsOutside)); // a body is always a flow
}

const LONGEST_NAME = 56;

/** `s03-draft-answers`: the place in the order and the first node. */
function segmentIdOf(index: number, count: number, first: CompiledNode | undefined): SegmentId {
  const number = String(index + 1).padStart(Math.max(2, String(count).length), '0');
  return `s${number}-${(first?.id ?? '').slice(0, LONGEST_NAME)}` as SegmentId; // a number and an id make an id
}
