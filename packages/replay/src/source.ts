import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { type HistoryEvent, ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { readHistory } from '@statebag/runs/history';
import { noStoreCounts } from '@statebag/state-core/store/counted-store';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { s3ObjectStreams } from '@statebag/state-core/store/s3-object-streams';

/** What a run left behind, to be read: nothing here can write. */
export interface ReplaySource {
  readonly get: ObjectStore['get'];
  readonly open: ObjectStreams['open'];
  /** Addresses of all objects whose keys begin so. */
  readonly list: (bucket: string, prefix: string) => AsyncIterable<S3Uri>;
  readonly history: (executionArn: string) => Promise<readonly HistoryEvent[]>;
  /** The executions of a map run. */
  readonly childrenOf: (mapRunArn: string) => AsyncIterable<string>;
}

/** By the clients of AWS, of this machine or of a stage. Read rights are enough. */
export function awsSource({ s3, sfn }: { readonly s3: S3Client; readonly sfn: SFNClient }): ReplaySource {
  const store = s3ObjectStore(s3);
  return {
    get: (uri, range) => store.get(uri, range),
    open: (uri, range) => s3ObjectStreams(s3, noStoreCounts()).open(uri, range),
    list: (bucket, prefix) => listed(s3, bucket, prefix),
    history: (executionArn) => readHistory(sfn, executionArn),
    childrenOf: (mapRunArn) => executionsOf(sfn, mapRunArn),
  };
}

async function* listed(s3: S3Client, bucket: string, prefix: string): AsyncGenerator<S3Uri> {
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }),
    );
    for (const { Key = '' } of page.Contents ?? []) yield `s3://${bucket}/${Key}` as S3Uri; // as S3 lists it
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

async function* executionsOf(sfn: SFNClient, mapRunArn: string): AsyncGenerator<string> {
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(new ListExecutionsCommand({ mapRunArn, nextToken }));
    for (const { executionArn = '' } of page.executions ?? []) yield executionArn;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

/** The histories of executions and of everything that they started. */
export async function* historiesOf(
  source: ReplaySource,
  executionArns: readonly string[],
): AsyncGenerator<{ readonly executionArn: string; readonly events: readonly HistoryEvent[] }> {
  for (const executionArn of executionArns) {
    const events = await source.history(executionArn);
    yield { executionArn, events };
    for (const event of events) {
      const mapRunArn = event.mapRunStartedEventDetails?.mapRunArn;
      if (mapRunArn !== undefined)
        for await (const child of source.childrenOf(mapRunArn)) yield* historiesOf(source, [child]);
      const submitted = event.taskSubmittedEventDetails;
      if (submitted?.resourceType === 'states') yield* historiesOf(source, [startedArn(submitted.output)]);
    }
  }
}

function startedArn(output = '{}'): string {
  const { ExecutionArn = '' }: { ExecutionArn?: string } = JSON.parse(output);
  return ExecutionArn;
}
