import type { Json } from '@statebag/contracts';
import {
  type DefinitionLocation,
  manifestUri,
  type S3Uri,
  segmentUri,
  workflowUri,
} from '@statebag/contracts/object-keys';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import type { CompiledWorkflow } from './compile/segment-definition.ts';

const AT_ONCE = 16;

/**
 * Stores a definition under its owner, the manifest last: where it lies, everything lies. Publishing again
 * changes nothing.
 */
export async function publishDefinition(
  compiled: CompiledWorkflow,
  owner: Pick<DefinitionLocation, 'bucket' | 'owner_id'>,
  store: ObjectStore,
): Promise<void> {
  const definition: DefinitionLocation = { ...owner, definition_id: compiled.definition_id };
  // Keys as the author ordered them: a model fills a response_schema in its order.
  const put = (uri: S3Uri, value: Json) =>
    store.put(uri, { body: Buffer.from(JSON.stringify(value)), encoding: 'json' });
  await eachBounded([...compiled.segments], AT_ONCE, ([id, segment]) =>
    put(segmentUri(definition, id), segment),
  );
  await put(workflowUri(definition), compiled.workflow);
  await put(manifestUri(definition), compiled.manifest);
}
