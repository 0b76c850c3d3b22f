import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { Payload } from '../language/payload.ts';
import { openJournal } from '../ports/journal.ts';
import { payloadStore } from './payloads.ts';
import { removeExecutions } from './remove-executions.ts';
import { prepareTables } from './tables.ts';

function opened() {
  const journal = openJournal(':memory:');
  prepareTables(journal);
  const { db } = journal;
  return { db, payloads: payloadStore(db) };
}

/** Text that does not compress to nothing. */
const noise = (bytes: number): string => randomBytes(bytes).toString('base64');

function bytesIn(db: DatabaseSync): number {
  const row = db.prepare('SELECT sum(length(CAST(body AS BLOB))) AS bytes FROM states_payloads').get();
  return Number(row?.['bytes']);
}

test('what a task is called with takes little beside the input that it repeats, and is read back whole', () => {
  const { db, payloads } = opened();
  const input = Payload.fromText(JSON.stringify({ ids: 'é', input: { text: noise(75_000) } }));
  const parameters = Payload.of({ FunctionName: 'f', Payload: { start: input.value } }, input);
  const [first, second] = [payloads.encode(input), payloads.encode(parameters)];
  expect(bytesIn(db)).toBeLessThan(80_000);
  const later = payloadStore(db);
  expect(later.decode(second).text).toBe(parameters.text);
  expect(later.decode(first).text).toBe(input.text);
});

test('a text that has little of the one it was made of is kept alone', () => {
  const { db, payloads } = opened();
  const input = Payload.of({ text: noise(9_000) });
  const other = Payload.of({ text: noise(9_000) }, input);
  payloads.encode(input);
  const column = payloads.encode(other);
  expect(db.prepare('SELECT base FROM states_payloads WHERE base IS NOT NULL').all()).toEqual([]);
  expect(payloadStore(db).decode(column).text).toBe(other.text);
});

test('a payload names no chain of others: each is read by at most one more', () => {
  const { db, payloads } = opened();
  let last = Payload.of({ text: noise(9_000), round: 0 });
  payloads.encode(last);
  for (let round = 1; round < 50; round++) {
    last = Payload.of({ ...Object(last.value), round }, last);
    payloads.encode(last);
  }
  const bases = db.prepare('SELECT DISTINCT base FROM states_payloads WHERE base IS NOT NULL').all();
  expect(bases).toHaveLength(1);
});

test('a payload of a journal that knew no compression is read as it is', () => {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE states_payloads (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  db.prepare('INSERT INTO states_payloads (body) VALUES (?)').run('{"a":1}');
  expect(payloadStore(db).decode('@1').value).toEqual({ a: 1 });
});

test('what another payload is read by stays when executions are removed', () => {
  const journal = openJournal(':memory:');
  const { db } = journal;
  prepareTables(journal);
  const payloads = payloadStore(db);
  const input = Payload.of({ text: noise(9_000) });
  payloads.encode(input);
  const kept = payloads.encode(Payload.of({ state: input.value }, input));
  db.prepare('INSERT INTO states_results VALUES (1, 1, 1, ?)').run(kept);
  payloads.encode(Payload.of({ text: noise(9_000) }));
  removeExecutions(journal, [], []);
  expect(db.prepare('SELECT count(*) AS left FROM states_payloads').get()?.['left']).toBe(2);
  expect(payloadStore(db).decode(kept).value).toEqual({ state: input.value });
  journal.close();
});
