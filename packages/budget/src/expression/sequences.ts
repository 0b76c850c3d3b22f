import { bytesOf, isNothing, join, listOf, maybe, NOTHING, present, type Shape } from '../shape/shape.ts';

/** What an expression goes through one after the other: how many values, and what each may be. */
export interface Elements {
  readonly most: number;
  readonly each: Shape;
  /** What all of them, or a part of each, take together as a list. */
  readonly cap: number;
}

/** A list is its members, anything else is one value. */
export function elementsOf(shape: Shape): Elements {
  const { list, any, ...others } = shape;
  // a part of any JSON is no larger than all of it
  const single: Shape = present({ ...others, list: null, any });
  const count = isNothing(single) ? 0 : 1;
  const most = Math.max(list?.most ?? 0, any ? Math.ceil(any.bytes / 2) : 0, count);
  const each = list ? join(list.item, single) : single;
  return { most, each: present(each), cap: bytesOf(shape) + BRACKETS };
}

const BRACKETS = 2;

interface Sequence {
  readonly cap?: number;
  /** Whether lists in it become a part of it, as in a path. */
  readonly flat?: boolean;
}

/** What a path, a filter or a function over members gives: nothing, one value as it is, or a list. */
export function sequenceOf(
  most: number,
  each: Shape,
  { cap = Infinity, flat = false }: Sequence = {},
): Shape {
  if (most === 0 || isNothing(each)) return NOTHING;
  const total = Math.min(cap, 2 + times(most, bytesOf(each)) + Math.max(0, most - 1));
  if (!flat || !each.list)
    return maybe(join(listOf(most, present(each), { cap: total, loose: endless(most, each) }), each));
  const { list, ...others } = each;
  const single: Shape = { ...others, list: null };
  const count = times(most, Math.max(list.most, isNothing(single) ? 0 : 1));
  const inner = present(isNothing(single) ? list.item : join(list.item, single));
  return maybe(join(listOf(count, inner, { cap: total, loose: list.loose }), join(inner, each)));
}

const endless = (most: number, { list, any }: Shape) =>
  Number.isFinite(most) ? null : (list?.loose ?? any?.loose[0] ?? null);

export const times = (count: number, bytes: number): number =>
  count === 0 || bytes === 0 ? 0 : count * bytes;
