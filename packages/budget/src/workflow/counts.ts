/**
 * `undisturbed`: no function fails or runs out of time. `worst`: each task fails as often as its retriers
 * allow, each call as often as its node does, and each segment is left after each node or item.
 */
export type Course = 'undisturbed' | 'worst';

/** What a run comes to, counted. */
export interface Counts {
  readonly transitions: number;
  readonly events: number;
  readonly requests: number;
  readonly seconds: number;
  readonly llm_calls: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly nano_usd: number;
  readonly s3_puts: number;
  readonly s3_gets: number;
  readonly dynamodb_writes: number;
  /** Bytes of the lines in the run's history. */
  readonly history: number;
}

export const NO_COUNTS: Counts = {
  transitions: 0,
  events: 0,
  requests: 0,
  seconds: 0,
  llm_calls: 0,
  input_tokens: 0,
  output_tokens: 0,
  nano_usd: 0,
  s3_puts: 0,
  s3_gets: 0,
  dynamodb_writes: 0,
  history: 0,
};

type Name = keyof Counts;
const NAMES = Object.keys(NO_COUNTS) as Name[]; // an object literal has the keys of its type

function each(make: (name: Name) => number): Counts {
  return Object.fromEntries(NAMES.map((name) => [name, make(name)])) as Record<Name, number>; // every name is there
}

export function sumOf(all: readonly Counts[]): Counts {
  return each((name) => all.reduce((total, counts) => total + counts[name], 0));
}

/** Of several ways the most of each: no way takes more, though none may take all of it. */
export function mostOf(all: readonly Counts[]): Counts {
  return each((name) => Math.max(0, ...all.map((counts) => counts[name])));
}

export function timesOf(counts: Counts, factor: number): Counts {
  return each((name) => (counts[name] === 0 || factor === 0 ? 0 : counts[name] * factor));
}

export const counted = (some: Partial<Counts>): Counts => ({ ...NO_COUNTS, ...some });
