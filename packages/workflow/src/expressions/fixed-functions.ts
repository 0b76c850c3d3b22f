import { createHash } from 'node:crypto';
import { StatebagError } from '@statebag/contracts';
import { EXPRESSION_LIMITS } from './expression-limits.ts';

/**
 * Where in a run an expression stands. Its clock and chance depend on this alone, so a retry and a shadow run
 * see the same.
 */
export interface FixedPlace {
  readonly execution_id: string;
  readonly start_time: string;
  readonly node_id: string;
  /** Dotted iterations of the enclosing loops. */
  readonly loop: string;
  /** Dotted indices of the enclosing items. */
  readonly item: string;
}

/** How far the row of chance has come: who evaluates an expression again goes back to where it began. */
export interface ChanceRow {
  calls: number;
}

type Functions = Readonly<Record<string, (...parameters: never[]) => unknown>>;

/**
 * `$now`, `$millis`, `$random`, `$uuid`, `$shuffle`: fixed per execution, node, loop and item, each call the
 * next of its row.
 */
export function fixedFunctions(place: FixedPlace, row: ChanceRow): Functions {
  const started = Date.parse(place.start_time);
  const next = chanceRow(place, row);
  const random = () => next().readUIntBE(0, 6) / 2 ** 48;
  return {
    now: () => new Date(started).toISOString(),
    millis: () => started,
    random,
    uuid: () => uuidFrom(next()),
    shuffle: (list: readonly unknown[]) => shuffled(list, random),
  };
}

function chanceRow(place: FixedPlace, row: ChanceRow): () => Buffer {
  return () => {
    row.calls += 1;
    return createHash('sha256')
      .update(JSON.stringify([place.execution_id, place.node_id, place.loop, place.item, row.calls]))
      .digest();
  };
}

function uuidFrom(digest: Buffer): string {
  const hex = digest.toString('hex');
  const variant = '89ab'[(digest[8] ?? 0) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function shuffled(list: readonly unknown[], random: () => number): unknown[] {
  return list
    .map((member) => ({ member, rank: random() }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ member }) => member);
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/**
 * What Step Functions adds to JSONata, and the built-in functions that can make much out of little, with a
 * bound.
 */
export const ADDED_FUNCTIONS: Functions = {
  partition: (list: readonly unknown[], size: number) => partition(list, size),
  range: (first: number, last: number, step: number) => range(first, last, step),
  hash: (text: unknown, algorithm: string) => hash(text, algorithm),
  parse: (text: string) => parse(text),
  pad: (text: string, width: number, filler?: string) => pad(text, width, filler),
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // what the parser says shows a part of the text
    throw new StatebagError('Expression.Failed', '$parse was given a text that is no JSON', { cause });
  }
}

function partition(list: readonly unknown[], size: number): unknown[][] {
  const width = Math.floor(size);
  if (!(width >= 1))
    throw new StatebagError('Expression.Failed', `$partition needs a size of 1 or more, not ${size}`);
  const all = Array.isArray(list) ? list : [list];
  return Array.from({ length: Math.ceil(all.length / width) }, (_, index) =>
    all.slice(index * width, (index + 1) * width),
  );
}

function range(first: number, last: number, step: number): number[] {
  const count = Math.floor((last - first) / step) + 1;
  if (step === 0 || !Number.isFinite(count))
    throw new StatebagError('Expression.Failed', '$range needs three numbers and a step that is not 0');
  if (count > EXPRESSION_LIMITS.sequence)
    throw new StatebagError('Expression.LimitExceeded', `$range makes ${count} numbers`);
  return Array.from({ length: Math.max(count, 0) }, (_, index) => first + index * step);
}

function hash(text: unknown, algorithm: string): string {
  const name = HASHES[algorithm];
  if (name === undefined)
    throw new StatebagError(
      'Expression.Failed',
      `$hash knows ${Object.keys(HASHES).join(', ')}, and no other algorithm`,
    );
  return createHash(name)
    .update(typeof text === 'string' ? text : JSON.stringify(text))
    .digest('hex');
}

function pad(text: string | undefined, width: number, filler = ' '): string | undefined {
  if (text === undefined) return undefined;
  if (Math.abs(width) > EXPRESSION_LIMITS.textLength)
    throw new StatebagError('Expression.LimitExceeded', `$pad makes a text of ${Math.abs(width)} characters`);
  const characters = [...text];
  const missing = Math.abs(width) - characters.length;
  if (missing <= 0) return text;
  const fill = [...(filler === '' ? ' ' : filler)];
  const padding =
    fill.join('').repeat(Math.floor(missing / fill.length)) + fill.slice(0, missing % fill.length).join('');
  return width > 0 ? text + padding : padding + text;
}
