import type { NodeId, SegmentId } from '@statebag/contracts/ids';
import { canonicalJson } from '@statebag/state-core';
import type { CompiledNode, CompiledWorkflow, SegmentDefinition } from '@statebag/workflow';

/** What an edit of a workflow touches. */
export interface DefinitionChange {
  /** Nodes that do something else, or the same in another way or order. */
  readonly changed: readonly NodeId[];
  readonly added: readonly NodeId[];
  readonly removed: readonly NodeId[];
  /** Segments of the definition before whose nodes, branches included, are all as they were. */
  readonly kept: ReadonlySet<SegmentId>;
}

/** Compares two definitions node by node: what a node does, reads and writes, and what follows it. */
export function compareDefinitions(before: CompiledWorkflow, after: CompiledWorkflow): DefinitionChange {
  const [old, edited] = [signaturesOf(before), signaturesOf(after)];
  const isKept = (id: NodeId) => old.get(id) === edited.get(id);
  return {
    changed: [...old.keys()].filter((id) => edited.has(id) && !isKept(id)),
    added: [...edited.keys()].filter((id) => !old.has(id)),
    removed: [...old.keys()].filter((id) => !edited.has(id)),
    kept: new Set(
      [...before.segments.values()]
        .filter((segment) => everySegmentIn(segment, before).every((each) => nodesOf(each).every(isKept)))
        .map(({ segment_id }) => segment_id),
    ),
  };
}

/** A segment, and those of the branches that it starts. */
export function everySegmentIn(segment: SegmentDefinition, workflow: CompiledWorkflow): SegmentDefinition[] {
  const started = Object.values(segment.branches).flat();
  const inside = started.flatMap(({ first_segment, last_segment }) =>
    [...workflow.segments.values()].filter(
      ({ segment_id }) => segment_id >= first_segment && segment_id <= last_segment,
    ),
  );
  return [segment, ...inside];
}

function nodesOf({ flow }: SegmentDefinition): readonly NodeId[] {
  return Object.values(flow.nodes).map(({ id }) => id);
}

/** Equal where nothing that a node does, and nothing that decides what follows it, differs. */
function signaturesOf({ segments }: CompiledWorkflow): ReadonlyMap<NodeId, string> {
  return new Map(
    [...segments.values()].flatMap(({ flow }) =>
      Object.values(flow.nodes).map((node) => [node.id, signature(node, flow.next[node.id])] as const),
    ),
  );
}

function signature(node: CompiledNode, next: NodeId | undefined): string {
  return canonicalJson({ ...node, next: next ?? null });
}
