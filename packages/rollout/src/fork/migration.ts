import type { NodeId } from '@statebag/contracts/ids';
import type { NextAction } from '@statebag/contracts/statuses';
import type { Approval, RunRecord } from '@statebag/runs';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { CompiledNode, CompiledWorkflow } from '@statebag/workflow';
import { everySegmentIn } from './compare-definitions.ts';
import { type ForkReading, type PlannedFork, planFork } from './plan-fork.ts';

/** What a run has done already that the edited workflow would do in another way, or again. */
export interface InTheWay {
  readonly node_id: NodeId;
  /** The field through which the edit reaches it, where it is not the node itself. */
  readonly field: string | null;
  readonly why: string;
}

/** Whether a run that goes on can go on with an edited workflow, without anything that it did being done again. */
export interface MigrationVerdict {
  readonly run: RunRecord;
  /** A run that works at the moment is looked at again when it waits. */
  readonly verdict: 'compatible' | 'in the way' | 'works';
  readonly reasons: readonly InTheWay[];
  readonly planned: PlannedFork;
}

export interface MigratedRun {
  readonly run: RunRecord;
  readonly approvals: readonly Approval[];
  readonly workflow: CompiledWorkflow;
}

/** Says it of one run. Nothing is written. @throws `Run.NotForkable` */
export async function migrationVerdict(
  place: ForkReading,
  { run, approvals, workflow }: MigratedRun,
): Promise<MigrationVerdict> {
  const planned = await planFork(place, { parent: run, workflow, mark: markOf(workflow) });
  const reasons = inTheWay(planned, approvals);
  const waits = WAITS.has(planned.stands.next_action) || approvals.some(({ state }) => state === 'OPEN');
  const verdict = !waits ? 'works' : reasons.length === 0 ? 'compatible' : 'in the way';
  return { run, verdict, reasons, planned };
}

const WAITS: ReadonlySet<NextAction> = new Set(['PAUSED_FOR_HITP', 'WAIT']);
const MARKS = 36 ** 4;

/** The same migration twice is one fork. */
function markOf({ definition_id }: CompiledWorkflow): string {
  const number = Number.parseInt(sha256Of(canonicalJson(['migrate', definition_id])).slice(0, 12), 16);
  return (number % MARKS).toString(36).padStart(4, '0');
}

/** What is in the way, in the order of the workflow. */
export function inTheWay(
  planned: Pick<PlannedFork, 'definition' | 'nodes' | 'set' | 'stands' | 'shared_results'>,
  approvals: readonly Pick<Approval, 'request' | 'decision' | 'branch_path' | 'loop_counter'>[],
): InTheWay[] {
  const { definition, nodes, stands, shared_results } = planned;
  const done = new Set([...stands.finished, ...insideOfGroup(planned)]);
  const written = new Map(
    [...definition.segments.values()].flatMap(({ flow }) => Object.entries(flow.nodes)),
  );
  const touched = touchedFields(planned, written);
  const edited = nodes.flatMap(({ node_id, fate }): InTheWay[] => {
    if (!done.has(node_id)) return [];
    if (fate === 'repeats') return [{ node_id, field: null, why: 'it has run, and is another one now' }];
    if (fate !== 'depends') return [];
    const { reads = [] } = written.get(node_id) ?? {};
    const field = reads === null ? null : (reads.find((each) => touched.has(each)) ?? null);
    const what = field === null ? 'what decides about it or what it reads' : field;
    return [{ node_id, field, why: `it has run, and ${what} may be another one now` }];
  });
  const answered = approvals
    .filter(({ decision, branch_path, loop_counter }) => {
      if (decision === undefined) return false;
      return branch_path === '' ? loop_counter > shared_results : stands.next_action === 'PARALLEL_GROUP';
    })
    .map(({ request: { node_id } }) => ({
      node_id,
      field: null,
      why: 'it was answered, and would ask again',
    }));
  const waited = stands.behind
    .filter((id) => written.get(id)?.type === 'wait')
    .map((node_id) => ({ node_id, field: null, why: 'it has waited, and would wait again' }));
  return [...edited, ...answered, ...waited];
}

/** Of a run that stands in a group nobody knows yet which nodes of its branches have run: any may have. */
function insideOfGroup({ stands }: Pick<PlannedFork, 'stands'>): readonly NodeId[] {
  const { next_action, segment, before } = stands;
  if (next_action !== 'PARALLEL_GROUP' || segment === null) return [];
  const started = before.segments.get(segment);
  if (!started) return [];
  return everySegmentIn(started, before).flatMap(({ flow }) => Object.values(flow.nodes).map(({ id }) => id));
}

function touchedFields(
  { nodes, set }: Pick<PlannedFork, 'nodes' | 'set'>,
  written: ReadonlyMap<string, CompiledNode>,
): ReadonlySet<string> {
  const reached = nodes.filter(({ fate }) => fate === 'repeats' || fate === 'depends');
  return new Set([
    ...Object.keys(set),
    ...reached.flatMap(({ node_id }) => written.get(node_id)?.writes ?? []),
  ]);
}
