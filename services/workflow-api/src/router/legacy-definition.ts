import { type DefinitionId, type OwnerId, workflowUri } from '@statebag/contracts';
import { compileWorkflow, DEFAULT_COMPILE_LIMITS, publishDefinition, type Workflow } from '@statebag/workflow';
import type { Api } from '../open-api.ts';

/** Publishes for the first generation what was published for v3: its joins have to say more. Publishing again changes nothing. */
export async function legacyDefinition(
  { process, bucket }: Pick<Api, 'process' | 'bucket'>,
  { owner_id, definition_id }: { readonly owner_id: OwnerId; readonly definition_id: DefinitionId },
): Promise<DefinitionId> {
  const { body } = await process.store.get(workflowUri({ bucket, owner_id, definition_id }));
  const workflow: Workflow = JSON.parse(Buffer.from(body).toString('utf8')); // publishDefinition wrote it, checked and normalised
  const compiled = compileWorkflow(workflow, DEFAULT_COMPILE_LIMITS, { compat: 'legacy' });
  await publishDefinition(compiled, { bucket, owner_id }, process.store);
  return compiled.definition_id;
}
