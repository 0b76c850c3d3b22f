import { bytesOf, type LooseEnd, nameBytes, type Shape } from './shape.ts';

/** The way to what takes the most of a value: `/clauses/*` with its text. */
export function heaviestPath(shape: Shape): string {
  const { list, object } = shape;
  if (list && bytesOf(shape) <= bytesOf({ ...shape, object: null, text: null, any: null }))
    return `/*${heaviestPath(list.item)}`;
  if (!object) return '';
  const members = [...object.members].map(([name, member]) => ({ name, member, bytes: bytesOf(member) }));
  const largest = members.reduce((most, each) => (each.bytes > most.bytes ? each : most), {
    name: '',
    member: shape,
    bytes: 0,
  });
  const others = object.others ? object.others.most * bytesOf(object.others.value) : 0;
  if (others > largest.bytes) return '/*';
  if (largest.bytes * 2 < bytesOf(shape)) return '';
  return `/${largest.name.replaceAll('~', '~0').replaceAll('/', '~1')}${heaviestPath(largest.member)}`;
}

/**
 * Bytes of a value that each character, or each member, takes which a loose end would allow; null where its
 * place in the value is not known, or where what is around it has no bound either.
 */
export function bytesEach(shape: Shape, end: LooseEnd): number | null {
  const { text, list, object } = shape;
  if (isSame(text?.loose, end) && text) return text.widest;
  if (list) {
    const inside = bytesEach(list.item, end);
    if (inside !== null) return Number.isFinite(list.most) ? list.most * inside : null;
    if (isSame(list.loose, end)) return Number.isFinite(bytesOf(list.item)) ? bytesOf(list.item) + 1 : null;
  }
  for (const member of object?.members.values() ?? []) {
    const inside = bytesEach(member, end);
    if (inside !== null) return inside;
  }
  return null;
}

const isSame = (left: LooseEnd | null | undefined, right: LooseEnd): boolean =>
  left !== null &&
  left !== undefined &&
  left.of === right.of &&
  left.at === right.at &&
  left.keyword === right.keyword;

/** What a value takes where each loose end is given no room at all. */
export function bytesWithout(shape: Shape): number {
  const { plain, text, list, object } = shape;
  const ofText = text ? (Number.isFinite(text.inner) ? text.inner + 2 : 2) : 0;
  const ofList = list ? (Number.isFinite(list.most) ? 2 + list.most * (bytesWithout(list.item) + 1) : 2) : 0;
  let ofObject = object ? 2 : 0;
  for (const [name, member] of object?.members ?? []) ofObject += nameBytes(name) + 2 + bytesWithout(member);
  return Math.max(plain, ofText, ofList, ofObject);
}
