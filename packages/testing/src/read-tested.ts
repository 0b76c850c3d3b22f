import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@statebag/contracts';
import type { Node } from '@statebag/node';
import {
  type CompiledWorkflow,
  compileWorkflow,
  diagnosticText,
  filesBeside,
  loadOwnNodes,
  type OwnNodes,
  ownNodes,
  readDocument,
  readWorkflow,
  usesOwnTypes,
} from '@statebag/workflow';

/** A workflow: the path of its file, its address, or the document itself. */
export type TestedDocument = string | URL | JsonObject;

/** Node types of the project: the folder of their modules, or the declarations themselves. */
export type TestedNodes = string | URL | readonly Node[];

/** A workflow that can run, and the node types of the project that it uses. */
export interface Tested {
  readonly compiled: CompiledWorkflow;
  readonly nodes: OwnNodes;
}

/** Reads, checks and compiles it. @throws with every problem, one a line */
export async function readTested(document: TestedDocument, given?: TestedNodes): Promise<Tested> {
  const plain = await checked(document);
  const nodes = usesOwnTypes(plain.diagnostics) ? await nodesOf(document, given) : NONE;
  const { workflow, diagnostics } = nodes === NONE ? plain : await checked(document, nodes);
  if (workflow) return { compiled: compileWorkflow(workflow), nodes };
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  throw new Error(errors.map(diagnosticText).join('\n'));
}

async function checked(document: TestedDocument, nodes: OwnNodes = NONE) {
  const path = pathOf(document);
  if (path === null)
    return readDocument(Object(document), { file: 'workflow', readFile: filesBeside(process.cwd()), nodes });
  const text = await readFile(path, 'utf8');
  return readWorkflow(text, { file: path, readFile: filesBeside(dirname(path)), nodes });
}

function pathOf(document: TestedDocument | string | URL): string | null {
  if (document instanceof URL) return fileURLToPath(document);
  return typeof document === 'string' ? document : null;
}

/** Those that the test gives; none if it gives none. */
export async function nodesGiven(given: TestedNodes | undefined): Promise<OwnNodes> {
  if (Array.isArray(given)) return ownNodes(given);
  const folder = typeof given === 'string' || given instanceof URL ? pathOf(given) : null;
  return folder === null ? NONE : loadOwnNodes(folder);
}

/** Those that the test gives, else those of the folder `nodes` beside the workflow. */
async function nodesOf(document: TestedDocument, given: TestedNodes | undefined): Promise<OwnNodes> {
  if (given !== undefined) return nodesGiven(given);
  const path = pathOf(document);
  const beside = path === null ? null : join(dirname(path), 'nodes');
  return beside !== null && existsSync(beside) ? loadOwnNodes(beside) : NONE;
}

const NONE: OwnNodes = new Map();
