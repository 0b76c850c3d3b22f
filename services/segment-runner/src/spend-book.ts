import type { Runs } from '@statebag/runs';
import type { SpendBook } from '@statebag/workflow';
import { openTable } from './refuse-cancelled.ts';

/** The book of the table of runs, opened with the first call that a limit is held against. */
export function spendBook(table: string | undefined): SpendBook | undefined {
  if (table === undefined) return undefined;
  let opened: Promise<Runs> | undefined;
  const book = async () => {
    opened ??= openTable(table);
    return (await opened).book;
  };
  return {
    reserve: async (...of) => (await book()).reserve(...of),
    correct: async (...of) => (await book()).correct(...of),
  };
}
