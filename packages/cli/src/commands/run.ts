import { type CompiledWorkflow, everyNode } from '@statebag/workflow';
import { type OpenOptions, openApp } from '../cloud/open-app.ts';
import { useProvider } from '../cloud/provider-in-use.ts';
import { EXIT, UsageError } from '../exit.ts';
import { countText } from '../render/amounts.ts';
import { commandLine } from '../render/command-line.ts';
import { checkedInput } from '../run/checked-input.ts';
import { decisionsOf } from '../run/decisions.ts';
import { InvalidWorkflow, loadWorkflow } from '../run/load-workflow.ts';
import { startLocalRun } from '../run/start-run.ts';
import { putUploads, uploadsOf } from '../run/uploads.ts';
import { watchRun } from './watch-run.ts';

export interface RunOptions extends OpenOptions {
  readonly config?: string;
  readonly input?: string;
  readonly json?: boolean;
  readonly detach?: boolean;
  readonly decide?: readonly string[];
  readonly upload?: readonly string[];
}

/**
 * `statebag run`: check everything first, so that nothing is started or written for a mistake; then run and
 * report. With --json a mistake is one JSON object, too.
 */
export async function run(path: string, options: RunOptions): Promise<number> {
  try {
    return await checkedRun(path, options);
  } catch (error) {
    if (options.json === true && error instanceof UsageError)
      process.stdout.write(`${JSON.stringify(refused(error))}\n`);
    throw error;
  }
}

/** What the object of a run has, as far as a run that never began has it. */
function refused(error: UsageError): object {
  const { message } = error;
  const diagnostics = error instanceof InvalidWorkflow ? error.diagnostics : [];
  return {
    execution_id: null,
    execution_arn: null,
    status: 'INVALID',
    output: null,
    error: { name: error.name, message, node_id: null },
    report: null,
    diagnostics,
  };
}

async function checkedRun(path: string, options: RunOptions): Promise<number> {
  const { input: inputPath, json = false, detach = false, decide = [], upload = [], dataDir } = options;
  const compiled = await loadWorkflow(path, options.config);
  const input = await checkedInput(compiled, inputPath);
  const decisions = decisionsOf(decide, compiled);
  const uploads = uploadsOf(upload);
  if (detach && !decisions.none)
    throw new UsageError(
      '--decide: with --detach nobody stays to answer\n  mend: leave --detach out, or answer with statebag approve',
    );
  const app = await openApp(options);
  try {
    await useProvider(app, options);
    await putUploads(app, uploads);
    const { executionArn, executionId } = await startLocalRun(app, compiled, { input });
    if (!json) process.stderr.write(`${executionId}: ${sizeText(compiled)}\n`);
    if (detach) return left(executionId, { json, attached: app.attached, dataDir });
    return await watchRun(app, {
      executions: [executionArn],
      json,
      totalSegments: compiled.manifest.total_segments,
      dataDir,
      decisions,
    });
  } finally {
    await app.close();
  }
}

function sizeText({ workflow, manifest: { name, total_segments } }: CompiledWorkflow): string {
  const nodes = countText(everyNode(workflow).length, 'node');
  return `${name}, ${nodes} in ${countText(total_segments, 'segment')}`;
}

interface Left {
  readonly json: boolean;
  readonly attached: boolean;
  readonly dataDir: string;
}

/** The run is left to the cloud that holds it, or to the next command that opens the data directory. */
function left(execution_id: string, { json, attached, dataDir }: Left): number {
  process.stdout.write(json ? `${JSON.stringify({ execution_id })}\n` : `${execution_id}\n`);
  if (!attached && !json)
    process.stderr.write(
      `nothing runs it until: ${commandLine(['resume', execution_id], dataDir)}
or: ${commandLine(['dev'], dataDir)}\n`,
    );
  return EXIT.succeeded;
}
