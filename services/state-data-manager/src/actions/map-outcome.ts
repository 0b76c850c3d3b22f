import {
  type ChunkResult,
  HYDRATOR_LIMITS,
  isFieldPointer,
  isJsonObject,
  type Json,
  type MapOutcome,
  type ResultWriterOutput,
  StatebagError,
} from '@statebag/contracts';
import { asChunkResult, eachBounded, hasFailed, type StoreSession } from '@statebag/state-core';
import type { StepTools } from '@statebag/step-kit';

/** The results of a map, from whatever shape its outcome has: a list, a pointer to one, a ResultWriter's manifest, or one worker's return value. */
export async function mapResults(outcome: MapOutcome, tools: StepTools): Promise<ChunkResult[]> {
  const json = outcome as Json; // it came as JSON
  if (isWriterOutput(json)) return writtenResults(json, tools);
  if (isFieldPointer(json)) return listed(await tools.session.hydrator.pointed(json));
  return listed(json);
}

function listed(value: Json): ChunkResult[] {
  if (Array.isArray(value)) return value.map(asChunkResult);
  if (value === null) return [];
  const wrapped = isJsonObject(value) ? (value['chunk_results'] ?? value['results']) : undefined;
  return Array.isArray(wrapped) ? wrapped.map(asChunkResult) : [asChunkResult(value)];
}

function isWriterOutput(value: Json): value is Json & ResultWriterOutput {
  return isJsonObject(value) && isJsonObject(value['ResultWriterDetails'] ?? null);
}

/** Reads a manifest and every result file it names, failed and succeeded. */
async function writtenResults({ ResultWriterDetails: { Bucket, Key } }: ResultWriterOutput, { session }: StepTools): Promise<ChunkResult[]> {
  const manifest = await session.hydrator.object({ s3_path: `s3://${Bucket}/${Key}` });
  const files = isJsonObject(manifest) ? manifest['ResultFiles'] : undefined;
  if (!isJsonObject(files)) throw new StatebagError('Store.ObjectCorrupt', `s3://${Bucket}/${Key} is not the manifest of a map run`);
  const keys = ['SUCCEEDED', 'FAILED', 'PENDING'].flatMap((state) => keysOf(files[state]));
  const contents = await eachBounded(keys, HYDRATOR_LIMITS.concurrency, (key) => session.hydrator.object({ s3_path: `s3://${Bucket}/${key}` }));
  return contents.flatMap((content) => (Array.isArray(content) ? content.flatMap(childResults) : []));
}

function keysOf(files: Json | undefined): string[] {
  return Array.isArray(files) ? files.flatMap((file) => (isJsonObject(file) && typeof file['Key'] === 'string' ? [file['Key']] : [])) : [];
}

/** One child execution: the results in its output, or its failure. */
function childResults(child: Json): ChunkResult[] {
  if (!isJsonObject(child)) return [];
  if (child['Status'] === 'SUCCEEDED') return listed(JSON.parse(String(child['Output'] ?? 'null')) as Json); // Output is a document in a text
  return [{ chunk_id: String(child['Name'] ?? ''), status: String(child['Status'] ?? 'PENDING'), error: child['Error'] ?? child['Cause'] ?? 'not run' }];
}

/** The outputs of what succeeded, in order; those in the store are read. */
export async function loadOutputs(ordered: readonly ChunkResult[], { hydrator }: StoreSession): Promise<Json[]> {
  const succeeded = ordered.filter((result) => !hasFailed(result));
  const outputs = await eachBounded(succeeded, HYDRATOR_LIMITS.concurrency, async ({ output, s3_path, sha256, ...rest }) => {
    if (output !== undefined) return output;
    if (typeof s3_path === 'string') return hydrator.object({ s3_path, sha256: sha256 ?? undefined });
    return rest as Json; // a result without an output of its own is the output
  });
  return outputs;
}
