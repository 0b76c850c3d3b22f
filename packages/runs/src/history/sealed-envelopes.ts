import type { HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { isJsonObject } from '@statebag/contracts';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { firstEnvelope } from '@statebag/state-core/core/first-bag';
import { eventsNewestFirst } from './execution-history.ts';
import { leavesSealedBag } from './loop-states.ts';

const CONTINUATION = 'ContinueAsNew';

/**
 * The sealed bags of an execution, newest first, those of its continuations included; last the one it was
 * begun with, if it was.
 */
export async function* sealedEnvelopes(sfn: SFNClient, executionArn: string): AsyncGenerator<Envelope> {
  let child: string | undefined;
  for await (const event of eventsNewestFirst(sfn, executionArn)) {
    const {
      stateExitedEventDetails: exited,
      stateEnteredEventDetails: entered,
      executionStartedEventDetails: started,
    } = event;
    child = startedBy(event) ?? child;
    if (exited && leavesSealedBag(exited.name ?? '', exited.output)) yield* envelopesIn(exited.output);
    if (entered?.name === CONTINUATION && child !== undefined) yield* sealedEnvelopes(sfn, child);
    if (started) yield* envelopesIn(started.input);
  }
}

/** The execution that a task has started and waits for. */
function startedBy({ taskSubmittedEventDetails: submitted }: HistoryEvent): string | undefined {
  if (submitted?.resourceType !== 'states') return undefined;
  const { ExecutionArn }: { ExecutionArn?: string } = JSON.parse(submitted.output ?? '{}');
  return ExecutionArn;
}

/**
 * The envelopes that a text stands for, newest first; none where it is none: a first execution begins with a
 * start event. Where the first segment ran with the beginning, there are two: after it, and before.
 */
export function* envelopesIn(text = 'null'): Generator<Envelope> {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value) || !isJsonObject(value['state_data'])) return;
  // the sync core wrote it; a failure beside it was merged by the state that follows
  const { first_state, execution_result: _failed, ...envelope } = value as unknown as Envelope;
  yield envelope;
  if (first_state) yield firstEnvelope(envelope, first_state);
}
