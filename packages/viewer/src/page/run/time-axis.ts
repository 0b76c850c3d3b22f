/** A stretch of time, in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A stretch of the axis: one in which something happened, or idle time that is folded. */
export interface Piece extends Span {
  readonly left: number;
  readonly width: number;
  readonly folded: boolean;
}

export interface Axis {
  readonly pieces: readonly Piece[];
  /** Where a moment stands, in pixels. */
  at(time: number): number;
}

const FOLD_WIDTH = 66;
/** Idle time of less than this share of what is worked is shown as it is. */
const SMALL_SHARE = 0.4;
const SHORT_MS = 2_000;

/**
 * An axis on which work has room however long a run waited: long idle times are strips of one width each,
 * that say how long they are.
 */
export function timeAxis(
  busy: readonly Span[],
  { width, folding }: { width: number; folding: boolean },
): Axis {
  const stretches = merged(busy);
  const [first, last] = [stretches[0], stretches.at(-1)];
  if (!first || !last) return { pieces: [], at: () => 0 };
  const worked = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  const spans = folding
    ? withIdle(stretches, Math.max(SHORT_MS, worked * SMALL_SHARE))
    : [{ from: first.from, to: last.to, folded: false }];
  const folds = spans.filter(({ folded }) => folded).length;
  const fold = Math.min(FOLD_WIDTH, folds === 0 ? 0 : (width * 0.5) / folds);
  const open = spans
    .filter(({ folded }) => !folded)
    .reduce((sum, { from, to }) => sum + Math.max(1, to - from), 0);
  const scale = Math.max(1, width - folds * fold) / open;
  let left = 0;
  const pieces = spans.map((span) => {
    const piece = { ...span, left, width: span.folded ? fold : Math.max(1, span.to - span.from) * scale };
    left += piece.width;
    return piece;
  });
  return { pieces, at: (time) => placeOf(time, pieces) };
}

function placeOf(time: number, pieces: readonly Piece[]): number {
  const piece = pieces.find(({ to }) => time <= to) ?? pieces.at(-1);
  if (!piece) return 0;
  const share =
    (Math.min(piece.to, Math.max(piece.from, time)) - piece.from) / Math.max(1, piece.to - piece.from);
  return piece.left + share * piece.width;
}

/** Stretches that touch are one. */
function merged(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((left, right) => left.from - right.from);
  const out: Span[] = [];
  for (const span of sorted) {
    const before = out.at(-1);
    if (before && span.from <= before.to)
      out[out.length - 1] = { from: before.from, to: Math.max(before.to, span.to) };
    else out.push(span);
  }
  return out;
}

/** Stretches that lie near each other are one open piece; between the others idle time is folded. */
function withIdle(stretches: readonly Span[], long: number): (Span & { folded: boolean })[] {
  const out: (Span & { folded: boolean })[] = [];
  for (const { from, to } of stretches) {
    const before = out.at(-1);
    if (before && from - before.to < long) out[out.length - 1] = { ...before, to };
    else {
      if (before) out.push({ from: before.to, to: from, folded: true });
      out.push({ from, to, folded: false });
    }
  }
  return out;
}
