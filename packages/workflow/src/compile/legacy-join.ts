import { legacyReducers } from '@statebag/state-core/legacy';
import type { Workflow } from '../document/workflow.ts';
import { hasBranches } from '../nodes/node-config.ts';
import type { Part } from './partition.ts';
import type { SegmentDefinition } from './segment-definition.ts';

/**
 * A segment whose groups are joined from whole states: it says how, since a state does not tell what was done
 * to it.
 */
export function withLegacyJoin(
  segment: SegmentDefinition,
  { nodes }: Part,
  { reducers }: Pick<Workflow, 'reducers'>,
): SegmentDefinition {
  const written = nodes.filter(hasBranches).flatMap(({ writes }) => writes);
  return { ...segment, join_reducers: legacyReducers([...new Set(written)].sort(), reducers) };
}
