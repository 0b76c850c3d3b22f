import type { Json } from '@statebag/contracts';
import { confine, type S3Uri } from '@statebag/contracts/object-keys';
import type { ChunkResult } from '@statebag/contracts/schemas/answer';
import type { AggregateMapEvent, MapRecord } from '@statebag/contracts/schemas/map';
import {
  childResults,
  isWriterOutput,
  listedResults,
  resultFileKeys,
} from '@statebag/state-core/core/map-outcome';
import { inExecutionOrder } from '@statebag/state-core/core/map-results';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { elementsOf, linesOf, valuesOf } from '@statebag/state-core/store/read-pieces';
import type { StepTools } from '@statebag/step-kit';

/** The chunks of a map. */
export interface Chunks {
  /** Of this try, in execution order. */
  readonly latest: readonly ChunkResult[];
  /** Of the tries before it, the oldest first. */
  readonly earlier: readonly ChunkResult[];
}

interface Reading {
  readonly tools: StepTools;
  readonly streams: ObjectStreams;
}

/** Everything that the workers of this try answered, and what earlier tries have kept. */
export async function readChunks({ map, request }: AggregateMapEvent, reading: Reading): Promise<Chunks> {
  const outcome = (map.results ?? null) as Json; // it came as JSON
  const results = isWriterOutput(outcome)
    ? await writtenResults(outcome.ResultWriterDetails, reading)
    : listedResults(outcome);
  // its hash was checked: it is what this function wrote
  const record =
    request.retry_of && ((await reading.tools.session.hydrator.pointed(request.retry_of)) as MapRecord);
  return { latest: inExecutionOrder(results), earlier: record?.chunk_results ?? [] };
}

/** Reads a manifest, and every result file that it names entry by entry. */
async function writtenResults(
  { Bucket, Key }: { readonly Bucket: string; readonly Key: string },
  { tools, streams }: Reading,
): Promise<ChunkResult[]> {
  const manifest = `s3://${Bucket}/${Key}`;
  const keys = resultFileKeys(await tools.session.hydrator.object({ s3_path: manifest }, ['map']), manifest);
  const found: ChunkResult[] = [];
  for (const key of keys) {
    const uri = confine(`s3://${Bucket}/${key}`, tools.plan.location);
    for await (const entry of entriesOf(uri, streams)) found.push(...childResults(entry));
  }
  return found;
}

async function* entriesOf(uri: S3Uri, streams: ObjectStreams): AsyncGenerator<Json> {
  const { body } = await streams.open(uri);
  yield* valuesOf(uri.endsWith('.jsonl') ? linesOf(body) : elementsOf(body), uri);
}
