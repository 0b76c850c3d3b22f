import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn';

const PAGE = 200;

export interface Following {
  /** Called with each event once, in the order of ids. */
  readonly onEvent: (event: HistoryEvent) => void;
  /** Called after each look. */
  readonly onLook?: () => void;
  readonly pollMs: number;
  readonly signal?: AbortSignal;
}

/** Follows an execution to its end, whoever runs it. Resolves with its final description. */
export async function followExecution(
  sfn: SFNClient,
  executionArn: string,
  { onEvent, onLook, pollMs, signal }: Following,
): Promise<DescribeExecutionCommandOutput> {
  let seen = 0;
  for (;;) {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    for (const event of await eventsAfter(sfn, executionArn, seen)) {
      onEvent(event);
      seen = event.id ?? seen;
    }
    onLook?.();
    if (described.status !== 'RUNNING') return described;
    await pause(pollMs, undefined, signal ? { signal } : {});
  }
}

/** The whole history of an execution so far, oldest first. */
export function readHistory(sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  return eventsAfter(sfn, executionArn, 0);
}

/** Newest first until what is known already, so that a long history is not read again at every look. */
async function eventsAfter(sfn: SFNClient, executionArn: string, seen: number): Promise<HistoryEvent[]> {
  const found: HistoryEvent[] = [];
  for await (const event of eventsNewestFirst(sfn, executionArn)) {
    if ((event.id ?? 0) <= seen) break;
    found.push(event);
  }
  return found.reverse();
}

/** The events of an execution, page by page as they are asked for. */
export async function* eventsNewestFirst(sfn: SFNClient, executionArn: string): AsyncGenerator<HistoryEvent> {
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        maxResults: PAGE,
        includeExecutionData: true,
        nextToken,
      }),
    );
    yield* page.events ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}
