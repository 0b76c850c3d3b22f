import type { DatabaseSync } from 'node:sqlite';
import { Payload } from '../language/payload.ts';

/** From this length on a text is kept apart, once, however many events and states it passes through. */
const LARGE = 512;

/** Turns payloads into column texts and back. */
export interface PayloadStore {
  encode(payload: Payload): string;
  encodeOptional(payload: Payload | undefined): string | null;
  decode(column: string): Payload;
  decodeOptional(column: unknown): Payload | undefined;
}

export function payloadStore(db: DatabaseSync): PayloadStore {
  const insert = db.prepare('INSERT INTO states_payloads (body) VALUES (?)');
  const select = db.prepare('SELECT body FROM states_payloads WHERE id = ?');
  const encode = (payload: Payload): string => {
    if (payload.stored === undefined && payload.text.length < LARGE) return payload.text;
    payload.stored ??= Number(insert.run(payload.text).lastInsertRowid);
    return `@${payload.stored}`;
  };
  const decode = (column: string): Payload => {
    if (!column.startsWith('@')) return Payload.fromText(column);
    const id = Number(column.slice(1));
    const payload = Payload.fromText(String(select.get(id)?.['body']));
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
