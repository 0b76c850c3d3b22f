import type { Json, JsonObject, Sha256 } from '@statebag/contracts';
import { CLOCK_FIELDS } from '@statebag/contracts/control-fields';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import { canonicalJson, sha256Of } from '@statebag/state-core';

/** A run as both generations show it: pointers replaced by their values, history blocks opened. */
export interface SeenRun {
  readonly status: string;
  /** Name of the error it ended with, and what it says. */
  readonly error?: { readonly name: string; readonly message: string } | undefined;
  readonly state: JsonObject;
  readonly history: readonly HistoryEntry[];
}

interface AllowedDifference {
  readonly what: string;
  readonly why: string;
  /** The run without it. */
  readonly without: (run: SeenRun) => SeenRun;
}

/** Everything that two runs of the same may show otherwise. What is not here is a divergence. */
export const ALLOWED_DIFFERENCES: readonly AllowedDifference[] = [
  {
    what: 'pointer encoding',
    why: 'old readers know plain JSON only; values are compared, read through their pointers',
    without: (run) => run,
  },
  {
    what: 'repeated history lines',
    why: 'update_and_compress appends without looking; an id alone tells a repeat',
    without: (run) => ({
      ...run,
      history: [...new Map(run.history.toReversed().map((entry) => [entry.id, entry])).values()].toReversed(),
    }),
  },
  {
    what: 'clocks',
    why: 'two runs do not take place at the same time',
    without: (run) => ({ ...run, history: run.history.map(withoutClocks) }),
  },
];

function withoutClocks(entry: HistoryEntry): HistoryEntry {
  // less than one, compared as text only
  return Object.fromEntries(
    Object.entries(entry).filter(([name]) => !CLOCK_FIELDS.has(name)),
  ) as unknown as HistoryEntry;
}

/** Where something came from: the segment, and the node in it. */
export interface Place {
  readonly segment_id: string;
  readonly node_id: string;
}

/** Two values that should be one, by the hashes of their canonical JSON; null where there is none. */
export interface Compared {
  readonly kind: 'outcome' | 'history' | 'field';
  readonly name: string;
  readonly left_sha256: Sha256 | null;
  readonly right_sha256: Sha256 | null;
  readonly same: boolean;
  readonly place: Place | null;
}

export interface Comparison {
  readonly same: boolean;
  /** The earliest of what differs. */
  readonly first: Compared | null;
  readonly compared: readonly Compared[];
}

/** Who writes a field of the state, node by node. */
export type WritersOf = (field: string) => readonly string[];

/**
 * Compares outcome, history entry by entry, and final state field by field. A run that failed left no state:
 * of it only the outcome is compared.
 */
export function compareRuns(left: SeenRun, right: SeenRun, writersOf: WritersOf): Comparison {
  const [one, other] = [reduced(left), reduced(right)];
  const both = one.error === undefined && other.error === undefined;
  const history = both ? historyOf(one, other) : [];
  const fields = both
    ? fieldsOf(
        one,
        other,
        (field) => lastWriter(one.history, writersOf(field)) ?? lastWriter(other.history, writersOf(field)),
      )
    : [];
  const compared = [outcomeOf(one, other), ...history, ...fields];
  const different = compared.filter(({ same }) => !same);
  return { same: different.length === 0, first: earliest(different, one.history), compared };
}

/** A divergence in one line. */
export function divergenceText({ first }: Comparison, [left, right]: readonly [string, string]): string {
  if (first === null) return 'none';
  const { kind, name, place, left_sha256, right_sha256 } = first;
  const at = place === null ? '' : ` in segment ${place.segment_id}, node ${place.node_id}`;
  if (kind === 'outcome') return `outcome: ${name}${at}`;
  return `${kind} ${name}${at}: ${left} ${short(left_sha256)}, ${right} ${short(right_sha256)}`;
}

function short(sha256: Sha256 | null): string {
  return sha256 === null ? 'has none' : sha256.slice(0, 12);
}

function reduced(run: SeenRun): SeenRun {
  return ALLOWED_DIFFERENCES.reduce((rest, { without }) => without(rest), run);
}

function outcomeOf(left: SeenRun, right: SeenRun): Compared {
  const [one, other] = [left, right].map(({ status, error }) => ({ status, error: error?.name ?? null }));
  const name = [left, right]
    .map(({ status, error }) =>
      error === undefined ? status : `${status} (${error.name}: ${error.message})`,
    )
    .join(' | ');
  return {
    kind: 'outcome',
    name,
    ...hashes(one, other),
    place: placeIn(
      [left, right].flatMap(({ history }) => history.findLast(({ status }) => status === 'FAILED') ?? [])[0],
    ),
  };
}

function historyOf(left: SeenRun, right: SeenRun): Compared[] {
  const [one, other] = [byId(left.history), byId(right.history)];
  const ids = [...new Set([...one.keys(), ...other.keys()])];
  return ids.map((id) => {
    const entry = one.get(id) ?? other.get(id);
    return {
      kind: 'history' as const,
      name: `${entry?.node_id ?? id} ${entry?.status ?? ''}`.trim(),
      ...hashes(one.get(id), other.get(id)),
      place: placeIn(entry),
    };
  });
}

function byId(history: readonly HistoryEntry[]): Map<string, HistoryEntry> {
  return new Map(history.map((entry) => [entry.id, entry]));
}

function fieldsOf(left: SeenRun, right: SeenRun, placeOfField: (field: string) => Place | null): Compared[] {
  const fields = [...new Set([...Object.keys(left.state), ...Object.keys(right.state)])].sort();
  return fields.map((field) => ({
    kind: 'field',
    name: field,
    ...hashes(left.state[field], right.state[field]),
    place: placeOfField(field),
  }));
}

function hashes(left: unknown, right: unknown): Pick<Compared, 'left_sha256' | 'right_sha256' | 'same'> {
  // read from JSON
  const [left_sha256, right_sha256] = [left, right].map((value) =>
    value === undefined ? null : sha256Of(canonicalJson(value as Json)),
  );
  return {
    left_sha256: left_sha256 ?? null,
    right_sha256: right_sha256 ?? null,
    same: left_sha256 === right_sha256,
  };
}

function lastWriter(history: readonly HistoryEntry[], writers: readonly string[]): Place | null {
  return placeIn(history.findLast(({ node_id }) => writers.includes(node_id)));
}

function placeIn(entry: HistoryEntry | undefined): Place | null {
  return entry === undefined ? null : { segment_id: entry.segment_id, node_id: entry.node_id };
}

/**
 * By the place in the left run's history: what has no place comes last, an outcome only follows from what
 * came before it.
 */
function earliest(different: readonly Compared[], history: readonly HistoryEntry[]): Compared | null {
  const rank = ({ kind, place }: Compared) => {
    const at = history.findIndex(
      ({ segment_id, node_id }) => segment_id === place?.segment_id && node_id === place?.node_id,
    );
    return (at < 0 ? history.length : at) + KIND_RANK[kind];
  };
  return different.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}

/** Of one place: the value that came out tells more than the line about it. */
const KIND_RANK: Readonly<Record<Compared['kind'], number>> = { field: 0, history: 0.1, outcome: 0.2 };
