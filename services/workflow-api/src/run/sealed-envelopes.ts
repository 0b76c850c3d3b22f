import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { type Envelope, isJsonObject } from '@statebag/contracts';

/** States whose output is a newly sealed bag. */
export const BAG_WRITERS: ReadonlySet<string> = new Set([
  'InitializeStateBag',
  'SyncStateData',
  'AggregateParallelResults',
  'MergeCallbackResult',
  'MergeAsyncResult',
  'RunDistributedMap',
  // The same of a first-generation machine, whose bags stand as bare as ever under `state_data`.
  'InitializeStateData',
  'LoadLatestState',
  'UpdateStateData',
  'ReturnExistingResult',
]);

const CONTINUATION = 'ContinueAsNew';
const PAGE = 200;

/** The sealed bags of an execution, newest first, those of its continuations included; last the one it was begun with, if it was. */
export async function* sealedEnvelopes(sfn: SFNClient, executionArn: string): AsyncGenerator<Envelope> {
  let child: string | undefined;
  for await (const event of eventsNewestFirst(sfn, executionArn)) {
    const { stateExitedEventDetails: exited, stateEnteredEventDetails: entered, executionStartedEventDetails: started } = event;
    child = startedBy(event) ?? child;
    if (exited && BAG_WRITERS.has(exited.name ?? '')) yield* envelopesIn(exited.output);
    if (entered?.name === CONTINUATION && child !== undefined) yield* sealedEnvelopes(sfn, child);
    if (started) yield* envelopesIn(started.input);
  }
}

async function* eventsNewestFirst(sfn: SFNClient, executionArn: string): AsyncGenerator<HistoryEvent> {
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: PAGE, includeExecutionData: true, nextToken }));
    yield* page.events ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

/** The execution that a task has started and waits for. */
function startedBy({ taskSubmittedEventDetails: submitted }: HistoryEvent): string | undefined {
  if (submitted?.resourceType !== 'states') return undefined;
  const { ExecutionArn }: { ExecutionArn?: string } = JSON.parse(submitted.output ?? '{}');
  return ExecutionArn;
}

/** The envelope of a text, or nothing where it is none: a first execution begins with a start event. */
function* envelopesIn(text = 'null'): Generator<Envelope> {
  const value: unknown = JSON.parse(text);
  if (isJsonObject(value) && isJsonObject(value['state_data'])) yield value as unknown as Envelope; // the sync core wrote it
}
