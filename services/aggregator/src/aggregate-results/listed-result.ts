import {
  type AggregateResultsEvent,
  type ChunkResult,
  confine,
  HYDRATOR_LIMITS,
  isFieldPointer,
  isJsonObject,
  type Json,
  type StateBag,
} from '@statebag/contracts';
import {
  childResults,
  eachBounded,
  hasFailed,
  inExecutionOrder,
  isWriterOutput,
  listedResults,
  mapFailures,
  mapStatus,
  type NormalisedResult,
  normaliseMap,
  resultFileKeys,
} from '@statebag/state-core';
import type { StepTools } from '@statebag/step-kit';

/** Where results go that nobody asked for by a field. */
const FIELD = 'map_results';

/** What a map came to whose results are listed, or lie where a ResultWriter left them: outputs into the state, in execution order. */
export async function listedResult(event: AggregateResultsEvent, bag: StateBag, tools: StepTools): Promise<NormalisedResult> {
  const ordered = inExecutionOrder(await resultsOf(event.execution_result ?? null, tools));
  const failed = ordered.filter(hasFailed).length;
  const error = errorOf(event);
  const status = mapStatus({ error, total: ordered.length, failed, toleratedPercentage: 100 });
  const outputs = await eachBounded(
    ordered.filter((result) => !hasFailed(result)),
    HYDRATOR_LIMITS.concurrency,
    (result) => outputOf(result, tools),
  );
  return normaliseMap({
    ...{ bag, ordered, status },
    failures: mapFailures(bag, ordered, { error, status }),
    delta: status === 'FAILED' ? [] : [{ op: 'set', field: fieldOf(event), value: outputs }],
  });
}

function fieldOf({ field, state_data: { request } }: AggregateResultsEvent): string {
  const asked = isJsonObject(request) ? request['field'] : undefined;
  return field ?? (typeof asked === 'string' ? asked : FIELD);
}

function errorOf({ map_error }: AggregateResultsEvent) {
  if (!map_error) return null;
  const { Error: name, Cause: cause } = map_error;
  return { Error: typeof name === 'string' ? name : 'Node.Failed', ...(typeof cause === 'string' && { Cause: cause }) };
}

async function resultsOf(outcome: Json, { session, plan }: StepTools): Promise<ChunkResult[]> {
  if (isFieldPointer(outcome)) return listedResults(await session.hydrator.pointed(outcome));
  if (!isWriterOutput(outcome)) return listedResults(outcome);
  const { Bucket, Key } = outcome.ResultWriterDetails;
  const manifest = confine(`s3://${Bucket}/${Key}`, plan.location);
  const keys = resultFileKeys(await session.hydrator.object({ s3_path: manifest }), manifest);
  const contents = await eachBounded(keys, HYDRATOR_LIMITS.concurrency, (key) => session.hydrator.object({ s3_path: `s3://${Bucket}/${key}` }));
  return contents.flatMap((content) => (Array.isArray(content) ? content.flatMap(childResults) : []));
}

/** What a result brings along, what lies where it says, or itself. */
async function outputOf({ output, s3_path, sha256, ...rest }: ChunkResult, { session }: StepTools): Promise<Json> {
  if (output !== undefined) return output;
  if (typeof s3_path === 'string') return session.hydrator.object({ s3_path, sha256: sha256 ?? undefined });
  return rest as Json; // it came as JSON
}
