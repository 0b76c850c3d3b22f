import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Box, Layout, Line } from './layout.ts';

/**
 * Beyond this many boxes only those near the window are drawn; exchanging fewer while somebody scrolls
 * takes longer.
 */
const MANY = 600;
/** How far around the window is drawn, and how far it moves until that is done anew. */
const AROUND = 500;
const STEP = 400;

/** Whether something is in sight, or near it. */
export interface Seen {
  readonly box: (box: Box) => boolean;
  readonly line: (line: Line) => boolean;
}

interface Corner {
  readonly left: number;
  readonly top: number;
}

/** What of a layout is in sight, or near it. */
export function useSeen(
  pane: RefObject<HTMLElement | null>,
  layout: Layout | undefined,
  scale: number,
): Seen {
  const [corner, setCorner] = useState<Corner>({ left: 0, top: 0 });
  const large = layout !== undefined && layout.boxes.length > MANY;
  useEffect(() => {
    const element = pane.current;
    if (!large || !element) return;
    const look = () => {
      const left = Math.floor(element.scrollLeft / STEP) * STEP;
      const top = Math.floor(element.scrollTop / STEP) * STEP;
      setCorner((before) => (before.left === left && before.top === top ? before : { left, top }));
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, [large, layout]);
  if (!large) return { box: () => true, line: () => true };
  const { clientWidth = 0, clientHeight = 0 } = pane.current ?? {};
  const near = nearTo(corner, { scale, width: clientWidth + STEP, height: clientHeight + STEP });
  return {
    box: ({ x, y, width, height }: Box) => near(x, y, x + width, y + height),
    line: (line: Line) => near(...aroundOf(line)),
  };
}

function nearTo(
  { left, top }: Corner,
  { scale, width, height }: { readonly scale: number; readonly width: number; readonly height: number },
) {
  const [fromX, fromY] = [(left - AROUND) / scale, (top - AROUND) / scale];
  const [toX, toY] = [(left + width + AROUND) / scale, (top + height + AROUND) / scale];
  return (x1: number, y1: number, x2: number, y2: number) =>
    x2 >= fromX && x1 <= toX && y2 >= fromY && y1 <= toY;
}

function aroundOf({ points }: Line): [number, number, number, number] {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Where a box stands in the window that scrolls over it. */
export function isWithin({ x, y, width, height }: Box, view: HTMLElement, scale: number): boolean {
  const [left, top] = [x * scale, y * scale];
  return (
    left >= view.scrollLeft &&
    top >= view.scrollTop &&
    left + width * scale <= view.scrollLeft + view.clientWidth &&
    top + height * scale <= view.scrollTop + view.clientHeight
  );
}
