import { isJsonObject, type JsonObject, StatebagError } from '@statebag/contracts';
import { decompressPayload } from './compressed-payload.ts';

/**
 * A bag as it was before it became text. What stands beside the text wins: a machine may have changed it
 * since.
 */
export function openLegacyBag(bag: JsonObject): JsonObject {
  const { compressed_data, original_size_kb: _size, ...beside } = bag;
  if (compressed_data === undefined || compressed_data === null) return bag;
  const inside = decompressPayload({ compressed_data });
  if (isJsonObject(inside)) return { ...inside, ...beside };
  throw new StatebagError('Payload.Undecodable', 'compressed_data is no bag');
}
