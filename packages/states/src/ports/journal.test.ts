import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Journal, openJournal } from './journal.ts';

let dataDir = '';
let journal: Journal;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'statebag-journal-'));
  journal = openJournal(dataDir);
  journal.db.exec('CREATE TABLE lines (text TEXT)');
});
afterEach(() => {
  journal.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const add = (text: string): void => void journal.db.prepare('INSERT INTO lines VALUES (?)').run(text);

/** What another process would find after a crash of this one. */
function durable(): string[] {
  const other = new DatabaseSync(join(dataDir, 'journal.sqlite'), { readOnly: true });
  const lines = other.prepare('SELECT text FROM lines').all();
  other.close();
  return lines.map(({ text }) => String(text));
}

test('what is written is durable when flush resolves, and not before', async () => {
  journal.write(() => add('a'));
  journal.write(() => add('b'));
  expect(durable()).toEqual([]);
  await journal.flush();
  expect(durable()).toEqual(['a', 'b']);
});

test('a write that nobody waits for becomes durable soon', async () => {
  journal.write(() => add('a'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(durable()).toEqual(['a']);
});

test('a step that throws leaves nothing, and the steps beside it stay', async () => {
  journal.write(() => add('a'));
  const failed = (): void =>
    journal.write(() => {
      add('b');
      throw new Error('no');
    });
  expect(failed).toThrow('no');
  journal.write(() => add('c'));
  await journal.flush();
  expect(durable()).toEqual(['a', 'c']);
});

test('a write inside a write belongs to the same step', async () => {
  const failed = (): void =>
    journal.write(() => {
      journal.write(() => add('inner'));
      throw new Error('no');
    });
  expect(failed).toThrow('no');
  await journal.flush();
  expect(durable()).toEqual([]);
});

test('whoever waits is told after a sync that began behind its write', async () => {
  const writers = Array.from({ length: 60 }, async (_, index) => {
    // some come while a sync is under way, some in one turn
    for (let turn = 0; turn < index % 7; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    journal.write(() => add(String(index)));
    await journal.flush();
    expect(durable()).toContain(String(index));
    await journal.flush(); // nothing is left to wait for
  });
  await Promise.all(writers);
  expect(durable()).toHaveLength(60);
});

test('what is waited for when the journal closes is durable', async () => {
  journal.write(() => add('a'));
  const first = journal.flush();
  journal.write(() => add('b'));
  const second = journal.flush();
  journal.close();
  await Promise.all([first, second]);
  expect(durable()).toEqual(['a', 'b']);
  journal = openJournal(dataDir);
});

test('a log that has grown long is moved into the database when nothing more is written', async () => {
  const log = join(dataDir, 'journal.sqlite-wal');
  journal.write(() => add('x'.repeat(2_000_000)));
  await journal.flush();
  expect(statSync(log).size).toBeGreaterThan(2_000_000);
  while (statSync(log).size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(durable()[0]).toHaveLength(2_000_000);
});
