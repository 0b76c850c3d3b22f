import { CLOCK_FIELDS, type HistoryEntry, type Json, type JsonObject } from '@statebag/contracts';
import { canonicalJson } from '@statebag/state-core';

/** A run as both generations show it: pointers replaced by their values, history blocks opened. */
export interface EndedRun {
  readonly status: string;
  readonly start_time: string;
  readonly state: JsonObject;
  readonly history: readonly HistoryEntry[];
}

interface AllowedDifference {
  readonly what: string;
  readonly why: string;
  /** The run without it. */
  readonly without: (run: EndedRun) => EndedRun;
}

/** Everything that the first generation may show otherwise. What is not here makes the law fail. */
export const ALLOWED_DIFFERENCES: readonly AllowedDifference[] = [
  {
    what: 'pointer encoding',
    why: 'old readers know plain JSON only; values are compared, read through their pointers',
    without: (run) => run,
  },
  {
    what: 'repeated history lines',
    why: 'update_and_compress appends without looking; an id alone tells a repeat',
    without: (run) => ({ ...run, history: [...new Map(run.history.toReversed().map((entry) => [entry.id, entry])).values()].toReversed() }),
  },
  {
    what: 'clocks',
    why: 'two runs do not take place at the same time',
    without: (run) => ({ ...run, history: run.history.map(withoutClocks) }),
  },
];

function withoutClocks(entry: HistoryEntry): HistoryEntry {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !CLOCK_FIELDS.has(name))) as unknown as HistoryEntry; // less than one, compared as text only
}

/** What differs between the two generations, besides what is allowed. */
export function differences(v3: EndedRun, legacy: EndedRun): string[] {
  const [left, right] = [comparable(v3), comparable(legacy)];
  if (v3.status !== 'SUCCEEDED' || legacy.status !== 'SUCCEEDED') return [`v3 ended ${v3.status}, legacy ended ${legacy.status}`];
  const fields = [...new Set([...Object.keys(left.state), ...Object.keys(right.state)])].sort();
  return [
    ...fields.flatMap((field) => difference(`field ${field}`, left.state[field], right.state[field])),
    ...difference('history', left.history as unknown as Json, right.history as unknown as Json), // entries are JSON
  ];
}

function comparable(run: EndedRun): EndedRun {
  return ALLOWED_DIFFERENCES.reduce((rest, { without }) => without(rest), run);
}

function difference(what: string, left: Json | undefined, right: Json | undefined): string[] {
  const [v3, legacy] = [textOf(left), textOf(right)];
  return v3 === legacy ? [] : [`${what}: v3 ${v3}, legacy ${legacy}`];
}

function textOf(value: Json | undefined): string {
  return value === undefined ? 'nothing' : canonicalJson(value);
}
