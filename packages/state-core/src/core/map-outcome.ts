import { isJsonObject, type Json, StatebagError } from '@statebag/contracts';
import { causeText } from '@statebag/contracts/cause-text';
import type { ChunkResult, ResultWriterOutput } from '@statebag/contracts/schemas/answer';
import { asChunkResult } from './map-results.ts';
import { shortened } from './shortened.ts';

const REASON_BYTES = 1_024;

/** The results in a list, in an object that holds one, or in anything one worker returned. */
export function listedResults(value: Json): ChunkResult[] {
  if (Array.isArray(value)) return value.map(asChunkResult);
  if (value === null) return [];
  const wrapped = isJsonObject(value) ? (value['chunk_results'] ?? value['results']) : undefined;
  return Array.isArray(wrapped) ? wrapped.map(asChunkResult) : [asChunkResult(value)];
}

/** True for the place where a Distributed Map wrote its results. */
export function isWriterOutput(value: Json): value is Json & ResultWriterOutput {
  return isJsonObject(value) && isJsonObject(value['ResultWriterDetails'] ?? null);
}

/**
 * Keys of every result file that a manifest names: of what succeeded, what failed, what was never begun.
 * @throws `Store.ObjectCorrupt`
 */
export function resultFileKeys(manifest: Json, uri: string): string[] {
  const files = isJsonObject(manifest) ? manifest['ResultFiles'] : undefined;
  if (!isJsonObject(files))
    throw new StatebagError('Store.ObjectCorrupt', `${uri} is not the manifest of a map run`);
  return ['SUCCEEDED', 'FAILED', 'PENDING'].flatMap((state) => keysOf(files[state]));
}

function keysOf(files: Json | undefined): string[] {
  return Array.isArray(files)
    ? files.flatMap((file) => (isJsonObject(file) && typeof file['Key'] === 'string' ? [file['Key']] : []))
    : [];
}

/** One entry of a result file: a child's output, or a child with its output in a text, or its failure. */
export function childResults(child: Json): ChunkResult[] {
  if (!isJsonObject(child) || typeof child['Status'] !== 'string') return listedResults(child);
  const { Status, Name, Output, Error: name, Cause } = child;
  // Output is a document in a text
  if (Status === 'SUCCEEDED') return listedResults(JSON.parse(String(Output ?? 'null')) as Json);
  const message =
    typeof Cause === 'string' && Cause !== '' ? { message: shortened(causeText(Cause), REASON_BYTES) } : {};
  return [
    {
      chunk_id: String(Name ?? ''),
      status: Status,
      error: { error: name ?? 'not run', ...message },
      execution_order: firstPlace(child['Input']),
    },
  ];
}

/** The place of the first item that a child was given, where its input says so. */
function firstPlace(input: Json | undefined): number | null {
  const given: unknown = JSON.parse(typeof input === 'string' ? input : 'null');
  const items = isJsonObject(given) ? given['Items'] : undefined;
  const first: unknown = Array.isArray(items) ? items[0] : undefined;
  return isJsonObject(first) && typeof first['index'] === 'number' ? first['index'] : null;
}
