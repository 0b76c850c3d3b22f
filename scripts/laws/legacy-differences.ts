import type { HistoryEntry, Json, JsonObject } from '@statebag/contracts';
import { ALLOWED_DIFFERENCES, type SeenRun } from '@statebag/rollout';
import { canonicalJson } from '@statebag/state-core';

/** A run as both generations show it: pointers replaced by their values, history blocks opened. */
export interface EndedRun {
  readonly status: string;
  readonly start_time: string;
  readonly state: JsonObject;
  readonly history: readonly HistoryEntry[];
}

/** What differs between the two generations, besides `ALLOWED_DIFFERENCES`. */
export function differences(v3: EndedRun, legacy: EndedRun): string[] {
  const [left, right] = [comparable(v3), comparable(legacy)];
  if (v3.status !== 'SUCCEEDED' || legacy.status !== 'SUCCEEDED') return [`v3 ended ${v3.status}, legacy ended ${legacy.status}`];
  const fields = [...new Set([...Object.keys(left.state), ...Object.keys(right.state)])].sort();
  return [
    ...fields.flatMap((field) => difference(`field ${field}`, left.state[field], right.state[field])),
    ...difference('history', left.history as unknown as Json, right.history as unknown as Json), // entries are JSON
  ];
}

function comparable(run: EndedRun): SeenRun {
  return ALLOWED_DIFFERENCES.reduce<SeenRun>((rest, { without }) => without(rest), run);
}

function difference(what: string, left: Json | undefined, right: Json | undefined): string[] {
  const [v3, legacy] = [textOf(left), textOf(right)];
  return v3 === legacy ? [] : [`${what}: v3 ${v3}, legacy ${legacy}`];
}

function textOf(value: Json | undefined): string {
  return value === undefined ? 'nothing' : canonicalJson(value);
}
