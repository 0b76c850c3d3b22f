import {
  type AnyShape,
  bytesOf,
  isNothing,
  type ListShape,
  memberOf,
  type ObjectShape,
  type OtherMembers,
  type Shape,
  type TextShape,
} from './shape.ts';

/** The values that are of both. */
export function meet(left: Shape, right: Shape): Shape {
  if (left === right) return left;
  if (left.any && right.any) return { ...met(left, right), any: meetAny(left.any, right.any) };
  if (left.any) return capped(right, left.any.bytes);
  if (right.any) return capped(left, right.any.bytes);
  return met(left, right);
}

function met(left: Shape, right: Shape): Shape {
  return {
    absent: left.absent && right.absent,
    plain: Math.min(left.plain, right.plain),
    text: left.text && right.text && meetText(left.text, right.text),
    list: left.list && right.list && meetList(left.list, right.list),
    object: left.object && right.object && meetObject(left.object, right.object),
    any: null,
  };
}

/** Of a size that something else limits, too. */
export function capped(shape: Shape, bytes: number): Shape {
  if (bytesOf(shape) <= bytes) return shape;
  const { text, list, object, any } = shape;
  return {
    ...shape,
    text: text && { ...text, chars: Math.min(text.chars, bytes), inner: Math.min(text.inner, bytes) },
    list: list && {
      ...list,
      cap: Math.min(list.cap, bytes),
      most: Math.min(list.most, Math.ceil(bytes / 2)),
    },
    object: object && { ...object, cap: Math.min(object.cap, bytes) },
    any: any && { ...any, bytes: Math.min(any.bytes, bytes) },
  };
}

function meetText(left: TextShape, right: TextShape): TextShape {
  const chars = Math.min(left.chars, right.chars);
  const widest = Math.min(left.widest, right.widest);
  const inner = Math.min(left.inner, right.inner, chars * widest);
  return { chars, inner, widest, loose: Number.isFinite(chars) ? null : (left.loose ?? right.loose) };
}

function meetList(left: ListShape, right: ListShape): ListShape {
  const most = Math.min(left.most, right.most);
  return {
    most,
    item: meet(left.item, right.item),
    cap: Math.min(left.cap, right.cap),
    loose: Number.isFinite(most) ? null : (left.loose ?? right.loose),
  };
}

function meetObject(left: ObjectShape, right: ObjectShape): ObjectShape {
  const members = new Map<string, Shape>();
  for (const name of new Set([...left.members.keys(), ...right.members.keys()])) {
    const member = meet(memberOf(left, name), memberOf(right, name));
    if (!isNothing(member)) members.set(name, member);
  }
  return { members, others: meetOthers(left.others, right.others), cap: Math.min(left.cap, right.cap) };
}

function meetOthers(left: OtherMembers | null, right: OtherMembers | null): OtherMembers | null {
  if (!left || !right) return null;
  const most = Math.min(left.most, right.most);
  return {
    most,
    name: meetText(left.name, right.name),
    value: meet(left.value, right.value),
    loose: Number.isFinite(most) ? null : (left.loose ?? right.loose),
  };
}

function meetAny(left: AnyShape, right: AnyShape): AnyShape {
  return left.bytes <= right.bytes ? left : right;
}
