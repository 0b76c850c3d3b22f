import type { ForkPlan } from '@statebag/contracts/schemas/fork-request';
import { notForkable, type PlannedFork } from './plan-fork.ts';
import { usageOf } from './planned-nodes.ts';

/** The plan as callers see it. */
export function planView(planned: PlannedFork): ForkPlan {
  const { execution_id, parent, change, segment_to_run, shared_results, shared_usage, nodes, set } = planned;
  const { changed, added, removed } = change;
  return {
    execution_id,
    forked_from: parent.execution_id,
    definition_id: planned.definition.definition_id,
    begins_at: segment_to_run,
    shared_results,
    changed: [...changed],
    added: [...added],
    removed: [...removed],
    set: Object.keys(set),
    nodes: [...nodes],
    usage: {
      shared: shared_usage,
      repeats: usageOf(nodes, 'repeats'),
      depends_at_most: usageOf(nodes, 'depends'),
      taken_over: usageOf(nodes, 'taken over'),
    },
  };
}

/** @throws `Run.NotForkable` where the fork could only be what the run is */
export function refuseSame({ parent, change, set }: PlannedFork, at: string | undefined): void {
  const edits = change.changed.length + change.added.length + change.removed.length + Object.keys(set).length;
  if (edits > 0 || at !== undefined || parent.status !== 'SUCCEEDED') return;
  throw notForkable(
    parent,
    'nothing is different, so the fork would be the same run; give an edited workflow, fields to set, or a node to begin at',
  );
}
