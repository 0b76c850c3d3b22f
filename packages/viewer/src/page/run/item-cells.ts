import type { Items } from '@statebag/contracts/schemas/history';

export type ItemState = 'fail' | 'ok' | 'pend';

/** Cells of a strip: failed items first, then those that are done, then those that were not reached. */
export interface ItemCells {
  readonly total: number;
  /** Of the cell at a place of the strip. */
  readonly state: (place: number) => ItemState;
  /** The item of a cell; null where only their number is known. */
  readonly item: (place: number) => number | null;
  readonly place: (item: number) => number | null;
}

export function cellsOf({ total, begun, failed, first_failed }: Items): ItemCells {
  const known = [...first_failed].sort((left, right) => left - right);
  const all = known.length === failed;
  return {
    total,
    state: (place) => (place < failed ? 'fail' : place < begun ? 'ok' : 'pend'),
    item: (place) => {
      if (place < failed) return known[place] ?? null;
      return all ? nthOther(known, place - failed) : null;
    },
    place: (item) => {
      const at = known.indexOf(item);
      if (at >= 0) return at;
      return all ? failed + item - known.filter((each) => each < item).length : null;
    },
  };
}

/** The n-th number from 0 on that is not in the list. */
function nthOther(sorted: readonly number[], n: number): number {
  let item = n;
  for (const each of sorted) if (each <= item) item += 1;
  return item;
}

/**
 * How the cells are laid into a width: as large as they fit, and where 3 pixels are too many, several in
 * one.
 */
export interface Grid {
  readonly size: number;
  readonly columns: number;
  readonly rows: number;
  /** Items that share a cell. */
  readonly each: number;
}

const LARGEST = 11;
const SMALLEST = 3;
const MOST_HEIGHT = 99;

export function gridOf(total: number, width: number): Grid {
  for (let size = LARGEST; size >= SMALLEST; size -= 1) {
    const columns = Math.max(1, Math.floor(width / size));
    const rows = Math.ceil(total / columns);
    if (rows * size <= MOST_HEIGHT) return { size, columns, rows: Math.max(1, rows), each: 1 };
  }
  const columns = Math.max(1, Math.floor(width / SMALLEST));
  const most = columns * Math.floor(MOST_HEIGHT / SMALLEST);
  const each = Math.ceil(total / most);
  return { size: SMALLEST, columns, rows: Math.ceil(total / each / columns), each };
}
