import { planView, startFork } from '@statebag/rollout/fork';
import { type OpenOptions, openApp, requireDataDir } from '../cloud/open-app.ts';
import { useProvider } from '../cloud/provider-in-use.ts';
import { EXIT } from '../exit.ts';
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
