import { isStatebagError } from '@statebag/contracts';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { type MigrationVerdict, migrationVerdict, startFork } from '@statebag/rollout/fork';
import { everyRun, type RunRecord, workflowIdOf } from '@statebag/runs';
import type { CompiledWorkflow } from '@statebag/workflow';
import { callApi } from '../cloud/call-api.ts';
import { type OpenApp, type OpenOptions, openApp, requireDataDir } from '../cloud/open-app.ts';
import { EXIT, UsageError } from '../exit.ts';
import { forkPlace } from '../fork/fork-run.ts';
import { type Migrated, migrationText, migrationView } from '../render/migration-text.ts';
import { loadWorkflow } from '../run/load-workflow.ts';

export interface MigrateOptions extends OpenOptions {
  readonly check?: string;
  readonly apply?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/**
 * `statebag migrate`: which runs that wait could go on with an edited workflow, and with `--apply` lets them: each of
 * them ends, and a fork of it waits in its place.
 */
export async function migrate(options: MigrateOptions): Promise<number> {
  const { check, apply, json = false, dataDir, config } = options;
  const path = apply ?? check;
  if (path === undefined || (check !== undefined && apply !== undefined))
    throw new UsageError(
      `migrate: needs the edited workflow, once\n  mend: statebag migrate --check edited.yaml, or --apply edited.yaml`,
    );
  const workflow = await loadWorkflow(path, config);
  requireDataDir(dataDir);
  const app = await openApp(options);
  try {
    const migrated: Migrated[] = [];
    for (const run of await waitingRuns(app, workflow)) {
      const found = await verdictOn(app, run, workflow);
      const moves = apply !== undefined && 'planned' in found && found.verdict === 'compatible';
      migrated.push({ ...found, moved_to: moves ? await moved(app, found) : null });
    }
    process.stdout.write(
      json
        ? `${JSON.stringify(migrated.map(migrationView))}\n`
        : migrationText(migrated, { applied: apply !== undefined }),
    );
    return migrated.every(({ verdict }) => verdict === 'compatible') ? EXIT.succeeded : EXIT.runFailed;
  } finally {
    await app.close();
  }
}

/** Runs of the workflow that go on with another definition of it, oldest first. */
async function waitingRuns(app: OpenApp, workflow: CompiledWorkflow): Promise<RunRecord[]> {
  const filter = { status: 'RUNNING', workflow_id: workflowIdOf(workflow.manifest.name) } as const;
  const found: RunRecord[] = [];
  for await (const run of everyRun(app, LOCAL_APP.owner, filter))
    if (run.definition_id !== workflow.definition_id) found.push(run);
  return found.reverse();
}

async function verdictOn(
  app: OpenApp,
  run: RunRecord,
  workflow: CompiledWorkflow,
): Promise<
  | MigrationVerdict
  | (Pick<MigrationVerdict, 'run' | 'reasons'> & { readonly verdict: 'not possible'; readonly why: string })
> {
  try {
    const approvals = await app.runs.listApprovals(run.execution_id);
    return await migrationVerdict(forkPlace(app), { run, approvals, workflow });
  } catch (error) {
    if (!isStatebagError(error) || error.name !== 'Run.NotForkable') throw error;
    return { run, verdict: 'not possible', reasons: [], why: error.message };
  }
}

/**
 * The fork is there before its run ends: whatever stops this command, one of them waits. Called again, it goes on with
 * the same fork.
 */
async function moved(app: OpenApp, { run, planned }: MigrationVerdict): Promise<string> {
  const { execution_id } = await startFork(forkPlace(app), planned);
  await callApi(app, `POST /runs/${encodeURIComponent(run.execution_id)}/cancel`);
  return execution_id;
}
