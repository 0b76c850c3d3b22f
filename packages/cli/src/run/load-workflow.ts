import { dirname } from 'node:path';
import { isStatebagError } from '@statebag/contracts';
import {
  type CompiledWorkflow,
  compileWorkflow,
  type Diagnostic,
  filesBeside,
  loadOwnNodes,
  type OwnNodes,
  readWorkflow,
  usesOwnTypes,
} from '@statebag/workflow';
import { findConfig } from '../cloud/local-config.ts';
import { UsageError } from '../exit.ts';
import { diagnosticLines } from '../render/diagnostics.ts';
import { readText } from './load-files.ts';

export interface CheckedWorkflow {
  /** Null where an error stands among the diagnostics. */
  readonly compiled: CompiledWorkflow | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads, checks and compiles a workflow file. */
export async function checkWorkflow(path: string, config?: string): Promise<CheckedWorkflow> {
  const text = await readText(path);
  const source = { file: path, readFile: filesBeside(dirname(path)) };
  const plain = readWorkflow(text, source);
  const { workflow, diagnostics } = usesOwnTypes(plain.diagnostics)
    ? readWorkflow(text, { ...source, nodes: await projectNodes(path, config) })
    : plain;
  return { compiled: workflow && compileWorkflow(workflow), diagnostics };
}

/**
 * The node types of the project that a workflow is in: its code is loaded for workflows that use it alone.
 * @throws UsageError naming the module that cannot be used
 */
async function projectNodes(workflow: string, config: string | undefined): Promise<OwnNodes> {
  const { nodes } = await findConfig({ config, dataDir: '', dataDirGiven: false, workflow });
  return nodes === undefined ? new Map() : loadedNodes(nodes);
}

/** @throws UsageError naming the module that cannot be used */
export async function loadedNodes(folder: string): Promise<OwnNodes> {
  try {
    return await loadOwnNodes(folder);
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    throw new UsageError(`${error.message}\n  mend: correct the module; docs/own-nodes.md shows one`);
  }
}

/** A workflow that can run. @throws UsageError listing every problem */
export async function loadWorkflow(path: string, config?: string): Promise<CompiledWorkflow> {
  const { compiled, diagnostics } = await checkWorkflow(path, config);
  if (compiled) return compiled;
  throw new InvalidWorkflow(diagnostics.filter(({ severity }) => severity === 'error'));
}

/** A workflow that cannot run; the message lists every problem. */
export class InvalidWorkflow extends UsageError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnosticLines(diagnostics));
    this.diagnostics = diagnostics;
  }
}
