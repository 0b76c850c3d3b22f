import type { Json } from '@statebag/contracts';
import { type HistoryEvent, type Recorded, walk } from '@statebag/doctor/history';

/** Inputs of past executions, and what the tasks of their states answered. */
export interface SeenData {
  readonly inputs: readonly Json[];
  readonly results: ReadonlyMap<string, readonly Json[]>;
}

/** What histories show of a machine's data. What they did not record is not there. */
export function seenIn(histories: readonly (readonly HistoryEvent[])[]): SeenData {
  const inputs: Json[] = [];
  const results = new Map<string, Json[]>();
  for (const events of histories) {
    const { visits } = walk(events);
    const [first] = visits;
    if (first) inputs.push(...recordedValue(first.input));
    for (const { state, attempts } of visits) {
      const values = attempts.flatMap(({ result }) => recordedValue(result));
      if (values.length > 0) results.set(state, [...(results.get(state) ?? []), ...values]);
    }
  }
  return { inputs, results };
}

function recordedValue(recorded: Recorded | undefined): readonly Json[] {
  return recorded && 'text' in recorded ? [JSON.parse(recorded.text)] : [];
}
