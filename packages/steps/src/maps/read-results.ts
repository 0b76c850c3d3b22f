import type { Json } from '@statebag/contracts';
import { HYDRATOR_LIMITS } from '@statebag/contracts/limits';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { ChunkResult, MapOutcome, ResultWriterOutput } from '@statebag/contracts/schemas/answer';
import {
  childResults,
  isWriterOutput,
  listedResults,
  resultFileKeys,
} from '@statebag/state-core/core/map-outcome';
import { hasFailed, inExecutionOrder } from '@statebag/state-core/core/map-results';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import { VALUES } from '@statebag/state-core/store/state-hydrator';
import type { StepTools } from '@statebag/step-kit';

/**
 * The results of a map in execution order, from whatever shape its outcome has: a list, a pointer to one, a
 * ResultWriter's manifest, or one worker's return value.
 */
export async function readResults(outcome: MapOutcome, tools: StepTools): Promise<readonly ChunkResult[]> {
  return inExecutionOrder(await resultsIn(outcome as Json, tools)); // it came as JSON
}

async function resultsIn(outcome: Json, tools: StepTools): Promise<ChunkResult[]> {
  if (isWriterOutput(outcome)) return writtenResults(outcome, tools);
  if (isFieldPointer(outcome)) return listedResults(await tools.session.hydrator.pointed(outcome));
  return listedResults(outcome);
}

/** Reads a manifest and every result file it names, failed and succeeded. */
async function writtenResults(
  { ResultWriterDetails: { Bucket, Key } }: ResultWriterOutput,
  { session }: StepTools,
): Promise<ChunkResult[]> {
  const uri = `s3://${Bucket}/${Key}`;
  const keys = resultFileKeys(await session.hydrator.object({ s3_path: uri }, ['map']), uri);
  const contents = await eachBounded(keys, HYDRATOR_LIMITS.concurrency, (key) =>
    session.hydrator.object({ s3_path: `s3://${Bucket}/${key}` }, ['map']),
  );
  return contents.flatMap((content) => (Array.isArray(content) ? content.flatMap(childResults) : []));
}

/** The outputs of what succeeded, in order; those in the store are read. */
export async function readOutputs(
  ordered: readonly ChunkResult[],
  { session: { hydrator } }: StepTools,
): Promise<readonly Json[]> {
  const succeeded = ordered.filter((result) => !hasFailed(result));
  return eachBounded(succeeded, HYDRATOR_LIMITS.concurrency, async ({ output, s3_path, sha256, ...rest }) => {
    if (output !== undefined) return output;
    if (typeof s3_path === 'string') return hydrator.object({ s3_path, sha256: sha256 ?? undefined }, VALUES);
    return rest as Json; // a result without an output of its own is the output
  });
}
