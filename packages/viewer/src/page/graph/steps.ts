import type { Box, Layout } from './layout.ts';

/** The box an arrow leads to: along an edge up and down, to the nearest neighbour sideways. */
export function nearestBox({ boxes, lines }: Layout, from: string | null, key: string): string | undefined {
  const here = boxes.find(({ id }) => id === from);
  if (!here) return boxes[0]?.id;
  if (key === 'ArrowDown') {
    const along = lines.find((line) => line.from === here.id)?.to;
    return along ?? nearest(here, boxes, ({ y }) => y > here.y)?.id;
  }
  if (key === 'ArrowUp') {
    const along = lines.find((line) => line.to === here.id)?.from;
    return along ?? nearest(here, boxes, ({ y }) => y < here.y)?.id;
  }
  return nearest(here, boxes, ({ x }) => (key === 'ArrowRight' ? x > here.x : x < here.x))?.id;
}

function nearest(here: Box, boxes: readonly Box[], fits: (box: Box) => boolean): Box | undefined {
  return boxes
    .filter((box) => box !== here && fits(box))
    .sort((left, right) => distance(here, left) - distance(here, right))[0];
}

function distance(left: Box, right: Box): number {
  const [dx, dy] = [left.x + left.width / 2 - right.x - right.width / 2, left.y - right.y];
  return dx * dx + dy * dy;
}
