import { expect, test } from '@jest/globals';
import { arrangeInRows } from './arrange-in-rows.ts';

const box = (id: string, width = 100) => ({ id, width, height: 26 });
const edge = (from: string, to: string) => ({ from, to, label: undefined });

test('a node stands below all that lead to it, also where an edge leads back', () => {
  const edges = [edge('a', 'b'), edge('b', 'c'), edge('a', 'c'), edge('c', 'a')];
  const { centres, lines } = arrangeInRows({ boxes: ['a', 'b', 'c'].map((id) => box(id)), edges });
  const [a, b, c] = ['a', 'b', 'c'].map((id) => centres.get(id)?.y ?? 0);
  expect(a).toBeLessThan(b ?? 0);
  expect(b).toBeLessThan(c ?? 0);
  expect(lines[2]).toHaveLength(3);
});

test('a thousand nodes are arranged, none of them on another', () => {
  const boxes = Array.from({ length: 1_000 }, (_, n) => box(`n${n}`, 60 + (n % 7) * 20));
  const edges = boxes.flatMap(({ id }, n) =>
    [n + 10, n + 23].filter((to) => to < 1_000).map((to) => edge(id, `n${to}`)),
  );
  const { centres, width } = arrangeInRows({ boxes, edges });
  const rows = Map.groupBy(boxes, ({ id }) => centres.get(id)?.y);
  for (const row of rows.values()) {
    const spans = row
      .map(({ id, width: wide }) => ({ from: (centres.get(id)?.x ?? 0) - wide / 2, wide }))
      .sort((left, right) => left.from - right.from);
    for (const [index, { from }] of spans.entries()) {
      const before = spans[index - 1];
      expect(from).toBeGreaterThanOrEqual(before ? before.from + before.wide : 0);
    }
    expect((spans.at(-1)?.from ?? 0) + (spans.at(-1)?.wide ?? 0)).toBeLessThanOrEqual(width);
  }
});
