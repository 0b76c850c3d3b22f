import { type PlannedFork, startFork, usageOf } from '@statebag/rollout/fork';
import { type OpenOptions, openApp, requireDataDir } from '../cloud/open-app.ts';
import { useProvider } from '../cloud/provider-in-use.ts';
import { EXIT, UsageError } from '../exit.ts';
import { decisionsOfParent, fieldsOf, forkPlace, plannedFork, recordOf } from '../fork/fork-run.ts';
import { forkText } from '../render/fork-text.ts';
import { decisionsOf } from '../run/decisions.ts';
import { loadWorkflow } from '../run/load-workflow.ts';
import { watchRun } from './watch-run.ts';

export interface ForkOptions extends OpenOptions {
  readonly at?: string;
  readonly config?: string;
  readonly workflow?: string;
  readonly set?: readonly string[];
  readonly dryRun?: boolean;
  readonly decide?: readonly string[];
  readonly json?: boolean;
}

/**
 * `statebag fork`: a new run that shares the past of another one up to what was edited, and makes no call
 * again that the edit leaves as it was. Before it begins it says what it repeats.
 */
export async function fork(run: string, options: ForkOptions): Promise<number> {
  const {
    at,
    workflow: path,
    set = [],
    dryRun = false,
    decide = [],
    json = false,
    dataDir,
    config,
  } = options;
  const workflow = path === undefined ? undefined : await loadWorkflow(path, config);
  const fields = fieldsOf(set);
  requireDataDir(dataDir);
  const app = await openApp(options);
  try {
    const place = forkPlace(app);
    const parent = await recordOf(app, run, dataDir);
    const planned = await plannedFork(place, { parent, workflow, at, set: fields });
    refuseNothing(planned, { at, set });
    if (dryRun) {
      process.stdout.write(json ? `${JSON.stringify(planView(planned))}\n` : forkText(planned));
      return EXIT.succeeded;
    }
    process.stderr.write(json ? '' : forkText(planned));
    await useProvider(app, options);
    const { execution_arns } = await startFork(place, planned);
    const [first] = execution_arns;
    if (first === undefined) throw new Error(`${planned.execution_id} has no execution`);
    const decisions =
      decide.length > 0 ? decisionsOf(decide, planned.definition) : await decisionsOfParent(app, planned);
    return await watchRun(app, { executions: [first], json, dataDir, decisions });
  } finally {
    await app.close();
  }
}

/** @throws UsageError where the fork could only be what the run is */
function refuseNothing(
  planned: PlannedFork,
  { at, set }: { at: string | undefined; set: readonly string[] },
): void {
  const { parent, change } = planned;
  const edits =
    change.changed.length + change.added.length + change.removed.length + Object.keys(planned.set).length;
  if (edits > 0 || set.length > 0 || at !== undefined || parent.status !== 'SUCCEEDED') return;
  throw new UsageError(
    `${parent.execution_id}: nothing is different, so the fork would be the same run
  mend: give an edited workflow (--workflow), fields (--set) or a node to begin at (--at)`,
  );
}

/** The plan as JSON. */
export function planView(planned: PlannedFork): object {
  const { execution_id, parent, change, segment_to_run, shared_results, shared_usage, nodes, set } = planned;
  const { changed, added, removed } = change;
  return {
    execution_id,
    forked_from: parent.execution_id,
    definition_id: planned.definition.definition_id,
    begins_at: segment_to_run,
    shared_results,
    changed,
    added,
    removed,
    set: Object.keys(set),
    nodes,
    usage: {
      shared: shared_usage,
      repeats: usageOf(nodes, 'repeats'),
      depends_at_most: usageOf(nodes, 'depends'),
      taken_over: usageOf(nodes, 'taken over'),
    },
  };
}
