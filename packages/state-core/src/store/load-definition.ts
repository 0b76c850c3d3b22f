import { type Json, StatebagError } from '@statebag/contracts';
import type { SegmentId } from '@statebag/contracts/ids';
import {
  type DefinitionLocation,
  manifestUri,
  type S3Uri,
  segmentUri,
  workflowUri,
} from '@statebag/contracts/object-keys';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import { readVerified } from './read-verified.ts';
import type { StoreSession } from './store-session.ts';

/**
 * The manifest of a definition, from the cache of the process where it is warm. @throws `Store.ObjectMissing`
 */
export async function loadManifest(definition: DefinitionLocation, session: StoreSession): Promise<Manifest> {
  const manifest = await load({ uri: manifestUri(definition), key: cacheKey(definition, '') }, session);
  // compileWorkflow wrote it; definitions are immutable and named by their hash
  return manifest as unknown as Manifest;
}

/** The document of a definition, checked and filled in. @throws `Store.ObjectMissing` */
export function loadWorkflow(definition: DefinitionLocation, session: StoreSession): Promise<Json> {
  return load({ uri: workflowUri(definition), key: cacheKey(definition, NO_SEGMENT) }, session);
}

/** No id of a segment begins with it. */
const NO_SEGMENT = ' workflow';

/** One segment of a definition as its compiler wrote it. @throws `Definition.SegmentUnknown` */
export async function loadSegment(
  definition: DefinitionLocation,
  segment: SegmentId,
  session: StoreSession,
): Promise<Json> {
  try {
    return await load({ uri: segmentUri(definition, segment), key: cacheKey(definition, segment) }, session);
  } catch (error) {
    if (!(error instanceof StatebagError) || error.name !== 'Store.ObjectMissing') throw error;
    throw new StatebagError(
      'Definition.SegmentUnknown',
      `definition ${definition.definition_id} has no segment ${segment}`,
      { cause: error },
    );
  }
}

function cacheKey({ owner_id, definition_id }: DefinitionLocation, segment: string): string {
  return `${owner_id}/${definition_id}#${segment}`;
}

async function load(
  { uri, key }: { uri: S3Uri; key: string },
  { definitions, counts, store, retry }: StoreSession,
): Promise<Json> {
  const cached = definitions.get(key);
  if (cached) {
    counts.cache_hits += 1;
    counts.hydrated_bytes += cached.size;
    return cached.value;
  }
  const read = await readVerified({ uri }, { store, retry });
  counts.hydrated_bytes += read.size;
  if (!read.verified) counts.unverified += 1;
  definitions.set(key, read, read.size);
  return read.value;
}
