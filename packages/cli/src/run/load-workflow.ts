import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CompiledWorkflow, compileWorkflow, type Diagnostic, readWorkflow } from '@statebag/workflow';
import { UsageError } from '../exit.ts';
import { diagnosticLines } from '../render/diagnostics.ts';
import { readText } from './load-files.ts';

export interface CheckedWorkflow {
  /** Null where an error stands among the diagnostics. */
  readonly compiled: CompiledWorkflow | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads, checks and compiles a workflow file. */
export async function checkWorkflow(path: string): Promise<CheckedWorkflow> {
  const { workflow, diagnostics } = readWorkflow(await readText(path), { file: path, readFile: (beside) => textOrNull(join(dirname(path), beside)) });
  return { compiled: workflow && compileWorkflow(workflow), diagnostics };
}

/** A workflow that can run. @throws UsageError listing every problem */
export async function loadWorkflow(path: string): Promise<CompiledWorkflow> {
  const { compiled, diagnostics } = await checkWorkflow(path);
  if (compiled) return compiled;
  throw new UsageError(diagnosticLines(diagnostics.filter(({ severity }) => severity === 'error')));
}

function textOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')) return null; // the workflow's reader reports it with its place
    throw error;
  }
}
