import { isStatebagError, type JsonObject } from '@statebag/contracts';
import { refuseReserved } from '@statebag/state-core';
import { openApp } from '../cloud/open-app.ts';
import { EXIT, UsageError } from '../exit.ts';
import { countText } from '../render/amounts.ts';
import { loadInput } from '../run/load-files.ts';
import { loadWorkflow } from '../run/load-workflow.ts';
import { startRun } from '../run/start-run.ts';
import { watchRun } from '../run/watch-run.ts';

export interface RunOptions {
  readonly input?: string;
  readonly json?: boolean;
  readonly detach?: boolean;
  readonly dataDir: string;
  readonly providerUrl?: string;
}

/** `statebag run`: check everything first, so that nothing is started or written for a mistake; then run and report. */
export async function run(path: string, { input: inputPath, json = false, detach = false, dataDir, providerUrl }: RunOptions): Promise<number> {
  const compiled = await loadWorkflow(path);
  const input = checkedInput(await loadInput(inputPath), inputPath);
  const app = await openApp({ dataDir, providerUrl });
  try {
    const { executionArn, executionId } = await startRun(app, compiled, input);
    if (!json) process.stderr.write(`${executionId}: ${compiled.manifest.name}, ${countText(compiled.manifest.total_segments, 'segment')}\n`);
    if (detach) return left(executionId, { json, attached: app.attached });
    return await watchRun(app, { executions: [executionArn], json, totalSegments: compiled.manifest.total_segments });
  } finally {
    await app.close();
  }
}

/** @throws UsageError for a field that a run may not begin with */
export function checkedInput(input: JsonObject, path = 'input'): JsonObject {
  try {
    refuseReserved(input);
    return input;
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    throw new UsageError(`${path}: $.${String(error.details['field'])}: ${error.message}\n  mend: rename the field or nest it in another one`);
  }
}

/** The run is left to the cloud that holds it, or to the next command that opens the data directory. */
function left(execution_id: string, { json, attached }: { json: boolean; attached: boolean }): number {
  process.stdout.write(json ? `${JSON.stringify({ execution_id })}\n` : `${execution_id}\n`);
  if (!attached && !json) process.stderr.write(`nothing runs it until: statebag resume ${execution_id}, or statebag dev\n`);
  return EXIT.succeeded;
}
