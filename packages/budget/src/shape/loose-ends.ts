import type { LooseEnd, Shape } from './shape.ts';

/** Everything in a shape that has no bound of its own, each once. */
export function looseEndsOf(shape: Shape): readonly LooseEnd[] {
  const found = new Map<string, LooseEnd>();
  gather(shape, { found, seen: new Set() });
  return [...found.values()];
}

interface Search {
  readonly found: Map<string, LooseEnd>;
  readonly seen: Set<Shape>;
}

function gather(shape: Shape, search: Search): void {
  if (search.seen.has(shape)) return;
  search.seen.add(shape);
  const { text, list, object, any } = shape;
  const own = [
    text?.loose,
    list?.loose,
    object?.others?.loose,
    object?.others?.name.loose,
    ...(any?.loose ?? []),
  ];
  for (const end of own) if (end) search.found.set(`${end.of} ${end.at} ${end.keyword}`, end);
  const inside = [list?.item, object?.others?.value, ...(object?.members.values() ?? [])];
  for (const each of inside) if (each) gather(each, search);
}

/** Whether two shapes bound the same values. */
export function sameShape(left: Shape, right: Shape): boolean {
  if (left === right) return true;
  return (
    left.absent === right.absent &&
    left.plain === right.plain &&
    sameFigures(left.text, right.text, ['chars', 'inner', 'widest']) &&
    sameFigures(left.any, right.any, ['bytes']) &&
    sameFigures(left.list, right.list, ['most', 'cap']) &&
    (!left.list || !right.list || sameShape(left.list.item, right.list.item)) &&
    sameObjects(left.object, right.object)
  );
}

function sameFigures<Part extends object>(
  left: Part | null,
  right: Part | null,
  names: readonly (keyof Part)[],
): boolean {
  if (!left || !right) return left === right;
  return left === right || names.every((name) => left[name] === right[name]);
}

function sameObjects(left: Shape['object'], right: Shape['object']): boolean {
  if (!left || !right || left === right) return left === right;
  if (left.cap !== right.cap || left.members.size !== right.members.size) return false;
  for (const [name, member] of left.members) {
    const other = right.members.get(name);
    if (!other || !sameShape(member, other)) return false;
  }
  if (!left.others || !right.others) return left.others === right.others;
  return (
    left.others.most === right.others.most &&
    sameFigures(left.others.name, right.others.name, ['inner']) &&
    sameShape(left.others.value, right.others.value)
  );
}
