import type { Json, JsonObject } from '@statebag/contracts';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
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
  if (v3.status !== 'SUCCEEDED' || legacy.status !== 'SUCCEEDED')
    return [`v3 ended ${v3.status}, legacy ended ${legacy.status}`];
  return [
    ...stateDifferences({ v3: left.state, legacy: right.state }),
    // entries are JSON
    ...difference('history', {
      v3: left.history as unknown as Json,
      legacy: right.history as unknown as Json,
    }),
  ];
}

/** Field by field, what two states named by where they come from have otherwise. */
export function stateDifferences(states: Readonly<Record<string, JsonObject>>): string[] {
  const fields = [...new Set(Object.values(states).flatMap((state) => Object.keys(state)))].sort();
  const valuesOf = (field: string) =>
    Object.entries(states).map(([name, state]) => [name, state[field]] as const);
  return fields.flatMap((field) => difference(`field ${field}`, Object.fromEntries(valuesOf(field))));
}

function comparable(run: EndedRun): SeenRun {
  return ALLOWED_DIFFERENCES.reduce<SeenRun>((rest, { without }) => without(rest), run);
}

function difference(what: string, values: Readonly<Record<string, Json | undefined>>): string[] {
  const texts = Object.entries(values).map(([name, value]) => [name, textOf(value)] as const);
  return new Set(texts.map(([, text]) => text)).size === 1
    ? []
    : [`${what}: ${texts.map(([name, text]) => `${name} ${text}`).join(', ')}`];
}

function textOf(value: Json | undefined): string {
  return value === undefined ? 'nothing' : canonicalJson(value);
}
