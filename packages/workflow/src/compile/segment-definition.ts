import type { JsonObject } from '@statebag/contracts';
import type { DefinitionId, NodeId, SegmentId } from '@statebag/contracts/ids';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import type { SpendLimits } from '@statebag/contracts/schemas/model-call';
import type { Branch, Cursor } from '@statebag/contracts/schemas/segment-result';
import type { ReducerName, SegmentType } from '@statebag/contracts/statuses';
import type { Workflow } from '../document/workflow.ts';
import { type CompiledNode, type Flow, progressFieldOf } from '../nodes/flow.ts';
import { definitionOf } from '../nodes/node-table.ts';

/**
 * `definitions/<owner>/<definition_id>/segments/<segment_id>.json`: everything the runner needs to run it,
 * and nothing else.
 */
export type SegmentDefinition = {
  readonly schema_version: 1;
  readonly definition_id: DefinitionId;
  readonly segment_id: SegmentId;
  readonly segment_type: SegmentType;
  readonly flow: Flow;
  /** Node outside of the segment → the segment that begins with it. */
  readonly exits: { readonly [node: string]: SegmentId };
  /** Parallel group in the segment → its branches. */
  readonly branches: { readonly [node: string]: readonly Branch[] };
  /** Fields it reads from outside when it begins at its entry; null is all of them. See `fieldsToHydrate`. */
  readonly reads: readonly string[] | null;
  readonly writes: readonly string[];
  /** What the run and its nodes may spend on models, where the workflow limits it. */
  readonly limits?: SpendLimits;
  /** Compiled for the first generation: how the groups in it are joined from whole states. */
  readonly join_reducers?: { readonly [field: string]: ReducerName };
};

/** A workflow compiled once, immutable. */
export interface CompiledWorkflow {
  readonly definition_id: DefinitionId;
  readonly manifest: Manifest;
  readonly segments: ReadonlyMap<SegmentId, SegmentDefinition>;
  /** The checked document, as it is stored beside the manifest. */
  readonly workflow: Workflow;
}

/** Gives back what was stored, or says that it is not a segment of this kind. */
export function isSegmentDefinition(value: unknown): value is SegmentDefinition {
  const { schema_version, segment_id, flow } = (value ?? {}) as JsonObject; // every member is looked at below
  return schema_version === 1 && typeof segment_id === 'string' && typeof flow === 'object';
}

/**
 * The fields a run of the segment needs, the counts of open loops included. One that goes on after a yield
 * also needs what its own earlier nodes wrote.
 */
export function fieldsToHydrate(
  segment: SegmentDefinition,
  cursor: Cursor | null,
): readonly string[] | 'all' {
  const { reads, flow } = segment;
  if (reads === null) return 'all';
  const read = cursor === null ? reads : Object.values(flow.nodes).flatMap((node) => readsHere(node) ?? []);
  const progress = [
    ...openLoopsOf(segment),
    ...(cursor !== null && cursor.item > 0 ? [cursor.node_id] : []),
  ].map(progressFieldOf);
  return [...new Set([...read, ...progress])].sort();
}

/**
 * What a node reads in its own segment: nothing where it leaves a list to workers, who read for themselves.
 */
export function readsHere(node: CompiledNode): readonly string[] | null {
  return node.hands_over && definitionOf(node).eachItem ? [] : node.reads;
}

/** Loops that a segment is inside of or decides about. */
export function openLoopsOf({ flow }: SegmentDefinition): readonly NodeId[] {
  return [
    ...new Set(
      Object.values(flow.nodes).flatMap(({ id, loops = [], begins_again_at }) => [
        ...loops,
        ...(begins_again_at === undefined ? [] : [id]),
      ]),
    ),
  ];
}
