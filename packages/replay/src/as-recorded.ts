import { isJsonObject, type JsonObject, type Timestamp } from '@statebag/contracts';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import type { StateHydrator } from '@statebag/state-core/store/state-hydrator';
import type { Outside } from '@statebag/steps';

type Draft = Parameters<NonNullable<Outside['asRecorded']>>[0];
type Times = Pick<HistoryEntry, 'started_at' | 'ended_at'>;

/** An invocation may have run so long before it said until when to wait. */
const LONGEST_MS = 900_000;

/**
 * The draft of a repeated segment with the times of the recorded one: when nodes began and ended, and until
 * when an attempt waits. No clock can be asked for them again.
 */
export function withRecordedTimes(
  reply: JsonObject,
  hydrator: StateHydrator,
): NonNullable<Outside['asRecorded']> {
  return async (draft) => {
    const times = await timesOf(reply, draft, hydrator);
    return {
      ...draft,
      new_history_logs: draft.new_history_logs.map((entry) => ({ ...entry, ...times.get(entry.id) })),
      wait_until: waitOf(draft, reply),
    };
  };
}

async function timesOf(
  reply: JsonObject,
  { new_history_logs: wanted }: Draft,
  hydrator: StateHydrator,
): Promise<ReadonlyMap<string, Times>> {
  if (Array.isArray(reply['new_history_logs'])) return timesIn(reply['new_history_logs'] as never); // its schema says so
  const bag = reply['state_data'] as unknown as StateBag | undefined; // the reply of a step that sealed one
  if (!bag) return new Map();
  const inline = timesIn(bag.state_history.filter((entry): entry is HistoryEntry => 'node_id' in entry));
  if (wanted.every(({ id }) => inline.has(id))) return inline;
  return timesIn(await hydrator.history(bag.state_history));
}

function timesIn(entries: readonly HistoryEntry[]): ReadonlyMap<string, Times> {
  return new Map(entries.map(({ id, started_at, ended_at }) => [id, { started_at, ended_at }]));
}

/** A wait that began when an attempt had failed, somewhat later than its state was entered. */
function waitOf({ wait_until }: Draft, reply: JsonObject): Draft['wait_until'] {
  const of = isJsonObject(reply['state_data']) ? reply['state_data'] : reply;
  const recorded = of['wait_until'];
  if (wait_until === null || typeof recorded !== 'string') return wait_until;
  const later = Date.parse(recorded) - Date.parse(wait_until);
  return later >= 0 && later <= LONGEST_MS ? (recorded as Timestamp) : wait_until; // a time stamp of the same bag
}
