import type { CompiledWorkflow, SegmentDefinition } from '@statebag/workflow';

type Id = SegmentDefinition['segment_id'];

/** For each segment those that a run may have gone through before it comes there; itself, where it is in a loop. */
export function segmentsBefore({ segments }: CompiledWorkflow): ReadonlyMap<string, ReadonlySet<string>> {
  const next = new Map<Id, Set<Id>>(
    [...segments].map(([id, each]) => [id, new Set(Object.values(each.exits))]),
  );
  for (const [id, { branches }] of segments)
    for (const { first_segment } of Object.values(branches).flat()) {
      next.get(id)?.add(first_segment);
      // what comes after the group comes after each of its branches
      for (const inside of reachedFrom(first_segment, next))
        for (const join of Object.values(segments.get(id)?.exits ?? {})) next.get(inside)?.add(join);
    }
  const before = new Map<string, Set<string>>([...segments.keys()].map((id) => [id, new Set()]));
  for (const id of segments.keys())
    for (const step of next.get(id) ?? [])
      for (const reached of reachedFrom(step, next)) before.get(reached)?.add(id);
  return before;
}

function reachedFrom(first: Id, next: ReadonlyMap<Id, ReadonlySet<Id>>): ReadonlySet<Id> {
  const reached = new Set<Id>([first]);
  for (const id of reached) for (const step of next.get(id) ?? []) reached.add(step); // a set grows while it is read
  return reached;
}

/** Segments that are run for a branch of a group, whose bag says what the branch has left. */
export function segmentsOfBranches({ segments }: CompiledWorkflow): ReadonlySet<string> {
  const next = new Map<Id, ReadonlySet<Id>>(
    [...segments].map(([id, { exits, branches }]) => [
      id,
      new Set([...Object.values(exits), ...firstOf(branches)]),
    ]),
  );
  const groups = [...segments.values()].flatMap(({ branches }) => firstOf(branches));
  return new Set(groups.flatMap((first) => [...reachedFrom(first, next)]));
}

const firstOf = (branches: SegmentDefinition['branches']): readonly Id[] =>
  Object.values(branches)
    .flat()
    .map(({ first_segment }) => first_segment);
