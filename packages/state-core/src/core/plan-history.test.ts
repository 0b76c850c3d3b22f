import { describe, expect, test } from '@jest/globals';
import { isHistoryArchive } from '@statebag/contracts/pointers';
import type { StateHistory } from '@statebag/contracts/schemas/history';
import { anEntry, CONTEXT, frozen, storedText } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import { appendHistory, archiveOldest, inlineEntries } from './plan-history.ts';

const entries = (count: number, size = 0, from = 0): StateHistory =>
  Array.from({ length: count }, (_, index) => anEntry(`h${from + index}`, 'x'.repeat(size)));
const { inlineHistoryEntries, inlineHistoryAfter, inlineHistory } = CONTEXT.thresholds;
const roomy = { ...CONTEXT, thresholds: { ...CONTEXT.thresholds, inlineHistory: 1_000_000 } };

describe('history', () => {
  test('gives the very same history where nothing is new', () => {
    const history = frozen(entries(3));
    expect(appendHistory(history, entries(3), CONTEXT).history).toBe(history);
  });

  test('takes a repeat once, also inside one batch', () => {
    const [first, second] = entries(2);
    const { history } = appendHistory([], [first, second, first] as StateHistory, CONTEXT);
    expect(history).toEqual([first, second]);
  });

  test.each([
    [inlineHistoryEntries, false],
    [inlineHistoryEntries + 1, true],
  ])('%i entries with room for their bytes: a block leaves is %s', (count, leaves) => {
    expect(appendHistory([], entries(count), roomy).writes.length > 0).toBe(leaves);
  });

  test.each([
    [0, false],
    [1, true],
  ])('%i byte over the limit: a block leaves is %s', (over, leaves) => {
    const base = byteSizeOf(entries(2));
    const history = [...entries(1), anEntry('h1', 'x'.repeat(inlineHistory - base + over))];
    const plan = appendHistory([], history, CONTEXT);
    expect(plan.writes.length > 0).toBe(leaves);
  });

  test('keeps the newest entries in at most 4 KB, behind the block of the others', () => {
    const { history, writes } = appendHistory([], entries(40, 100), CONTEXT);
    const [block, ...kept] = history;
    expect(block).toMatchObject({
      type: 'history_archive',
      s3_path: writes[0]?.uri,
      entry_count: 40 - kept.length,
    });
    expect(kept).toEqual(entries(40, 100).slice(-kept.length));
    expect(byteSizeOf(kept)).toBeLessThanOrEqual(inlineHistoryAfter);
    expect(byteSizeOf([...kept, kept[0] as StateHistory[number]])).toBeGreaterThan(inlineHistoryAfter);
  });

  test.each([
    [0, 2],
    [1, 1],
  ])('of entries %i byte over what may stay, %i stay', (over, kept) => {
    const rest = inlineHistoryAfter - byteSizeOf(entries(2)) + 1;
    const newest = [anEntry('h0', 'x'.repeat(rest + over)), ...entries(1, 0, 1)];
    expect(appendHistory(entries(1, 8_000, 2), newest, CONTEXT).history.slice(1)).toEqual(
      newest.slice(-kept),
    );
  });

  test('keeps entries that are many and tiny: they take no room', () => {
    const few = { ...CONTEXT, thresholds: { ...CONTEXT.thresholds, inlineHistoryEntries: 2 } };
    expect(appendHistory([], entries(3), few)).toEqual({ history: entries(3), writes: [] });
  });

  test('does not count the block at the head as an entry', () => {
    const [block] = archiveOldest(entries(40, 100), CONTEXT).history;
    const history = [block as StateHistory[number], ...entries(inlineHistoryEntries, 0, 100)];
    expect(archiveOldest(history, roomy).writes).toEqual([]);
    expect(archiveOldest([...history, anEntry('one more')], roomy).writes).toHaveLength(1);
  });

  test('stands inline but for its block', () => {
    const { history } = appendHistory([], entries(40, 100), CONTEXT);
    expect(isHistoryArchive(history[0])).toBe(true);
    expect(inlineEntries(history)).toEqual(history.slice(1));
  });

  test('archives an entry that is too large by itself', () => {
    expect(
      appendHistory([], [anEntry('h', 'x'.repeat(9_000))], CONTEXT).history.map(isHistoryArchive),
    ).toEqual([true]);
  });

  test('links a block to its predecessor', () => {
    const first = appendHistory([], entries(40, 100), CONTEXT);
    const second = appendHistory(first.history, entries(40, 100, 40), CONTEXT);
    expect(second.writes.map((write) => JSON.parse(storedText(write)))).toMatchObject([
      { previous: first.history[0] },
    ]);
    expect(second.writes[0]?.uri).toContain('/run-1/history/');
    expect(second.history.filter(isHistoryArchive)).toHaveLength(1);
  });

  test('takes a block that arrives among the entries into its own block, with all before it', () => {
    const arriving = appendHistory([], entries(40, 100, 100), CONTEXT);
    const { history } = appendHistory(entries(2), arriving.history, CONTEXT);
    expect(history[0]).toMatchObject({ entry_count: 2 + 40 - (arriving.history.length - 1) });
    expect(history.slice(1)).toEqual(arriving.history.slice(1));
  });

  test('adopts a block that arrives first', () => {
    const arriving = appendHistory([], entries(40, 100), CONTEXT);
    expect(appendHistory([], arriving.history, CONTEXT)).toEqual({ history: arriving.history, writes: [] });
  });
});
