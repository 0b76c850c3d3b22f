import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import type { Answer } from '@statebag/contracts/schemas/answer';

/** What a person was asked, and what was answered. */
export interface AskedPeople {
  readonly node: string;
  readonly branch: string;
  readonly loop_counter: number;
  readonly answer: Answer;
}

/** Questions to people in a history that were answered, oldest first. */
export function decisionsIn(events: readonly HistoryEvent[]): AskedPeople[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  return events.flatMap(({ taskSucceededEventDetails: ended, previousEventId }): AskedPeople[] => {
    if (ended === undefined) return [];
    let scheduled: HistoryEvent | undefined;
    for (
      let at = byId.get(previousEventId);
      at && !at.stateEnteredEventDetails;
      at = byId.get(at.previousEventId)
    )
      scheduled = at.taskScheduledEventDetails ? at : scheduled;
    const call = objectIn(scheduled?.taskScheduledEventDetails?.parameters);
    const payload = call['Payload'];
    if (!/storetasktoken/i.test(String(call['FunctionName'])) || !isJsonObject(payload ?? null)) return [];
    const { request, branch_path, loop_counter } = payload as JsonObject; // looked at above
    return [
      {
        node: String(Object(request).node_id),
        branch: String(branch_path),
        loop_counter: Number(loop_counter),
        answer: objectIn(ended.output) as unknown as Answer, // what the task was told
      },
    ];
  });
}

function objectIn(text = '{}'): JsonObject {
  const value: Json = JSON.parse(text);
  return isJsonObject(value) ? value : {};
}
