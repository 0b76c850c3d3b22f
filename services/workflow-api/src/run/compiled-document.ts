import { type JsonObject, StatebagError } from '@statebag/contracts';
import {
  type CompiledWorkflow,
  compileWorkflow,
  type OpenOwnNodes,
  readDocument,
  usesOwnTypes,
} from '@statebag/workflow';

/** A document that came along with a request, checked and compiled. @throws `Workflow.Invalid` with every problem */
export async function compiledDocument(
  document: JsonObject,
  openNodes: OpenOwnNodes,
): Promise<CompiledWorkflow> {
  const { workflow, diagnostics } = await read(document, openNodes);
  if (workflow) return compileWorkflow(workflow);
  const problems = diagnostics.filter(({ severity }) => severity === 'error');
  throw new StatebagError(
    'Workflow.Invalid',
    `the workflow has ${problems.length} problems; the first: ${problems[0]?.message}`,
    { cause: { diagnostics } },
  );
}

/** The project's code is loaded for documents that use it alone. */
async function read(document: JsonObject, openNodes: OpenOwnNodes) {
  const plain = readDocument(document, { file: 'workflow' });
  if (!usesOwnTypes(plain.diagnostics)) return plain;
  return readDocument(document, { file: 'workflow', nodes: await openNodes() });
}
