import { isStatebagError } from '@statebag/contracts';
import { forkedFrom } from '@statebag/contracts/fork-lineage';
import { type ExecutionId, ownerId } from '@statebag/contracts/ids';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { everyRun, type RunFilter, runFilterOf, workflowIdOf } from '@statebag/runs';
import { RUN_FILTERS, type RunFilterTexts } from '@statebag/runs/filters';
import type { CompiledWorkflow } from '@statebag/workflow';
import type { OpenApp } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import { millisOfAge } from '../run/age.ts';
import { whereRecorded } from '../run/run-executions.ts';

/**
 * `--runs "status=SUCCEEDED since=7d"`: which past runs are tried. Without a status those that succeeded, and
 * without a workflow those of the one with the same name.
 * @throws UsageError naming what does not fit
 */
export function chosenBy(text: string, { manifest }: CompiledWorkflow, now: number): RunFilter {
  const given = Object.fromEntries(text.split(/\s+/).filter(Boolean).map(wordOf));
  const filter = {
    status: 'SUCCEEDED',
    workflow_id: workflowIdOf(manifest.name),
    ...given,
    ...agoOf(given, now),
  };
  if (filter.status === 'RUNNING') throw unfit(text, 'a run that goes on has nothing to be compared with');
  try {
    return runFilterOf(filter);
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    throw unfit(text, error.message);
  }
}

function wordOf(word: string): readonly [string, string] {
  const [, name = '', value = ''] = /^([a-z_]+)=(.+)$/.exec(word) ?? [];
  const key = name === 'workflow' ? 'workflow_id' : name;
  if (Object.hasOwn(RUN_FILTERS, key)) return [key, value];
  throw unfit(word, `not one of ${Object.keys(RUN_FILTERS).join(', ')} with a value`);
}

/** A time may be said by how long ago it was. */
function agoOf({ since, until }: RunFilterTexts, now: number): RunFilterTexts {
  const at = (text: string | undefined) => {
    const age = text === undefined ? undefined : millisOfAge(text);
    return age === undefined ? text : new Date(now - age).toISOString();
  };
  return { since: at(since), until: at(until) };
}

function unfit(text: string, why: string): UsageError {
  return new UsageError(
    `--runs ${JSON.stringify(text)}: ${why}\n  mend: write --runs "status=SUCCEEDED since=7d"; since and until take a date, or 90m, 12h, 7d`,
  );
}

/** The newest runs that fit. Forks are left out: what they share is tried with the run they came from. */
export async function runsToTry(app: OpenApp, filter: RunFilter, most: number): Promise<ExecutionId[]> {
  const found: ExecutionId[] = [];
  await whereRecorded(async () => {
    for await (const { execution_id } of everyRun(app, ownerId(LOCAL_APP.owner), filter)) {
      if (forkedFrom(execution_id) !== null) continue;
      if (found.push(execution_id) >= most) return;
    }
  });
  return found;
}
