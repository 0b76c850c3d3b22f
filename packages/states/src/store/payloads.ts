import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Payload } from '../language/payload.ts';
import { addColumn } from '../ports/journal.ts';

/** From this length on a text is kept apart, once, however many events and states it passes through. */
const LARGE = 512;
/** From this length on it is worth the time to compress a text. */
const COMPRESSED = 4096;
/** What saves less than this part of a text is not worth the time of who reads it. */
const LEAST_SAVED = 0.1;
/** Another text is close enough where so much of this one is in it. */
const CLOSE = 0.5;
const LEVEL = { [constants.ZSTD_c_compressionLevel]: 1 };

/** Turns payloads into column texts and back. */
export interface PayloadStore {
  encode(payload: Payload): string;
  encodeOptional(payload: Payload | undefined): string | null;
  decode(column: string): Payload;
  decodeOptional(column: unknown): Payload | undefined;
}

/**
 * Payloads in the journal. What a task is called with mostly repeats the input of its state, so a text is
 * kept as what it has more than another one, where that is little.
 */
export function payloadStore(db: DatabaseSync): PayloadStore {
  addColumn({ db }, 'states_payloads', 'base INTEGER');
  const insert = db.prepare('INSERT INTO states_payloads (body, base) VALUES (?, ?)');
  const keep = (body: string | Uint8Array, base: number | null): number =>
    Number(insert.run(body, base).lastInsertRowid);
  const read = reader(db);
  const encode = (payload: Payload): string => {
    if (payload.stored === undefined && payload.text.length < LARGE) return payload.text;
    payload.stored ??= write(payload, keep);
    return `@${payload.stored}`;
  };
  const decode = (column: string): Payload => {
    if (!column.startsWith('@')) return Payload.fromText(column);
    const id = Number(column.slice(1));
    const payload = Payload.fromText(() => read(id));
    payload.stored = id;
    return payload;
  };
  return {
    encode,
    encodeOptional: (payload) => (payload ? encode(payload) : null),
    decode,
    decodeOptional: (column) => (typeof column === 'string' ? decode(column) : undefined),
  };
}

function write(payload: Payload, keep: (body: string | Uint8Array, base: number | null) => number): number {
  const { text, like } = payload;
  payload.like = undefined; // others are held against the first of those that resemble each other
  if (text.length < COMPRESSED) return keep(text, null);
  const bytes = Buffer.from(text);
  const settings = { params: LEVEL, pledgedSrcSize: bytes.length };
  if (like?.stored !== undefined) {
    const difference = zstdCompressSync(bytes, { ...settings, dictionary: Buffer.from(like.text) });
    if (difference.length <= bytes.length * (1 - CLOSE)) {
      payload.like = like;
      return keep(difference, like.stored);
    }
  }
  const compressed = zstdCompressSync(bytes, settings);
  return keep(compressed.length <= bytes.length * (1 - LEAST_SAVED) ? compressed : text, null);
}

interface Row {
  readonly body: SQLOutputValue;
  readonly base: SQLOutputValue;
}

/** Reads texts by their numbers. The one that was read last is at hand: a history names it again and again. */
function reader(db: DatabaseSync): (id: number) => string {
  const select = db.prepare('SELECT body, base FROM states_payloads WHERE id = ?');
  let last: { readonly id: number; readonly text: string } | undefined;
  const read = (id: number): string => {
    if (last?.id === id) return last.text;
    const row = select.get(id) as Row | undefined; // parse boundary: the columns above
    if (row === undefined) throw new Error(`the journal has no payload ${id}`);
    const text = textOf(row);
    last = { id, text };
    return text;
  };
  const textOf = ({ body, base }: Row): string => {
    if (!(body instanceof Uint8Array)) return String(body);
    const dictionary = typeof base === 'number' ? { dictionary: Buffer.from(read(base)) } : {};
    return zstdDecompressSync(body, dictionary).toString();
  };
  return read;
}
