import { type DefinitionId, isStatebagError, type JsonObject, type OwnerId, type StartRunBody, StatebagError } from '@statebag/contracts';
import { loadManifest, openSession } from '@statebag/state-core';
import { compileWorkflow, publishDefinition, readDocument } from '@statebag/workflow';
import type { Api } from '../open-api.ts';

/**
 * The definition of a start: one that was published before, or the document that came along, checked, compiled and published.
 * @throws `Definition.NotFound`, `Workflow.Invalid` with every problem, `Contract.EventRejected`
 */
export async function chosenDefinition(
  api: Pick<Api, 'process' | 'bucket'>,
  owner_id: OwnerId,
  { definition_id, workflow }: StartRunBody,
): Promise<DefinitionId> {
  if (definition_id !== undefined && workflow === undefined) return publishedBefore(api, owner_id, definition_id);
  if (workflow !== undefined && definition_id === undefined) return published(api, owner_id, workflow);
  throw new StatebagError('Contract.EventRejected', 'body has to have one of definition_id and workflow');
}

async function publishedBefore({ process, bucket }: Pick<Api, 'process' | 'bucket'>, owner_id: OwnerId, definition_id: DefinitionId): Promise<DefinitionId> {
  const reader = { bucket, owner_id, definition_id };
  try {
    await loadManifest(reader, openSession(process, { ...reader, execution_id: 'none' as never })); // no run: only its definition is read
    return definition_id;
  } catch (error) {
    if (isStatebagError(error) && error.name === 'Store.ObjectMissing')
      throw new StatebagError('Definition.NotFound', `there is no definition ${definition_id}`);
    throw error;
  }
}

async function published({ process, bucket }: Pick<Api, 'process' | 'bucket'>, owner_id: OwnerId, document: JsonObject): Promise<DefinitionId> {
  const { workflow, diagnostics } = readDocument(document, { file: 'workflow' });
  if (!workflow) {
    const problems = diagnostics.filter(({ severity }) => severity === 'error');
    throw new StatebagError('Workflow.Invalid', `the workflow has ${problems.length} problems; the first: ${problems[0]?.message}`, { cause: { diagnostics } });
  }
  const compiled = compileWorkflow(workflow);
  await publishDefinition(compiled, { bucket, owner_id }, process.store);
  return compiled.definition_id;
}
