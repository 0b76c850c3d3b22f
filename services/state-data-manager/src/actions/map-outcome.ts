import { type ChunkResult, HYDRATOR_LIMITS, isFieldPointer, type Json, type MapOutcome, type ResultWriterOutput } from '@statebag/contracts';
import { childResults, eachBounded, hasFailed, isWriterOutput, listedResults, resultFileKeys, type StoreSession } from '@statebag/state-core';
import type { StepTools } from '@statebag/step-kit';

/** The results of a map, from whatever shape its outcome has: a list, a pointer to one, a ResultWriter's manifest, or one worker's return value. */
export async function mapResults(outcome: MapOutcome, tools: StepTools): Promise<ChunkResult[]> {
  const json = outcome as Json; // it came as JSON
  if (isWriterOutput(json)) return writtenResults(json, tools);
  if (isFieldPointer(json)) return listedResults(await tools.session.hydrator.pointed(json));
  return listedResults(json);
}

/** Reads a manifest and every result file it names, failed and succeeded. */
async function writtenResults({ ResultWriterDetails: { Bucket, Key } }: ResultWriterOutput, { session }: StepTools): Promise<ChunkResult[]> {
  const uri = `s3://${Bucket}/${Key}`;
  const keys = resultFileKeys(await session.hydrator.object({ s3_path: uri }), uri);
  const contents = await eachBounded(keys, HYDRATOR_LIMITS.concurrency, (key) => session.hydrator.object({ s3_path: `s3://${Bucket}/${key}` }));
  return contents.flatMap((content) => (Array.isArray(content) ? content.flatMap(childResults) : []));
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
