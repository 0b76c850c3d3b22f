import { isJsonObject, StatebagError, type Timestamp } from '@statebag/contracts';

/** When a scheduled event was due: the one clock of a beat. @throws `Contract.EventRejected` */
export function scheduledTime(event: unknown): Timestamp {
  const time = isJsonObject(event) ? Date.parse(String(event['time'])) : Number.NaN;
  if (Number.isNaN(time)) throw new StatebagError('Contract.EventRejected', 'event /time is not the time of a scheduled event');
  return new Date(time).toISOString() as Timestamp; // the one form toISOString has
}
