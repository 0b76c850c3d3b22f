import { scopedField } from '@statebag/workflow/analysis';
import { elementsOf } from '../expression/sequences.ts';
import {
  bytesOf,
  join,
  joinAll,
  listOf,
  maybe,
  memberOf,
  NOTHING,
  NUMBER,
  type ObjectShape,
  present,
  type Shape,
} from '../shape/shape.ts';

/** The fields of the state at one point of a run, each with all that it may hold there. */
export type Fields = Pick<ObjectShape, 'members' | 'others'>;

export const NO_FIELDS: Fields = { members: new Map(), others: null };

export function fieldAt(fields: Fields, name: string): Shape {
  return memberOf({ ...fields, cap: Infinity }, name);
}

export function withField(fields: Fields, name: string, shape: Shape): Fields {
  return { ...fields, members: new Map([...fields.members, [name, shape]]) };
}

export function withoutField(fields: Fields, name: string): Fields {
  return withField(fields, name, NOTHING);
}

/** Where several ways meet: whichever was taken. */
export function joinFields(ways: readonly Fields[]): Fields {
  const [first = NO_FIELDS, ...others] = ways;
  return others.reduce(joinTwo, first);
}

function joinTwo(left: Fields, right: Fields): Fields {
  if (left === right) return left;
  const members = new Map(left.members);
  for (const [name, shape] of right.members) {
    const here = left.members.get(name);
    if (here !== shape) members.set(name, join(here ?? fieldAt(left, name), shape));
  }
  for (const [name, shape] of left.members)
    if (!right.members.has(name)) members.set(name, join(shape, fieldAt(right, name)));
  return { members, others: left.others ?? right.others };
}

/** What a node sees as the state: the fields of its file, by the names that it knows. */
export function viewOf({ members, others }: Fields, use: string): Shape {
  const prefix = scopedField(use, '');
  const isOwn = (name: string) => (use === '' ? !name.startsWith(OF_FILES) : name.startsWith(prefix));
  const seen = [...members].filter(([name]) => isOwn(name));
  const object = {
    members: new Map(seen.map(([name, shape]) => [name.slice(prefix.length), shape])),
    others: use === '' ? others : null,
    cap: Infinity,
  };
  return { ...present(NOTHING), object };
}

const OF_FILES = scopedField('x', '').slice(0, -2);

/** What a field holds after a value was combined with what it held. */
export function reducedShape(reducer: string, standing: Shape, value: Shape): Shape {
  if (reducer === 'sum') return NUMBER;
  if (reducer === 'max' || reducer === 'min') return present(join(standing, value));
  const [before, added] = [elementsOf(standing), elementsOf(value)];
  const parts = [before, added].filter(({ most }) => most > 0);
  const cap = bytesOf(standing) + Math.max(2, bytesOf(value)) + 1;
  const loose = standing.list?.loose ?? value.list?.loose ?? null;
  return listOf(before.most + added.most, joinAll(parts.map(({ each }) => each)), { cap, loose });
}

/** What branches left of a field that each of them added to, one after the other. */
export function gathered(reducer: string, before: Shape, after: readonly Shape[]): Shape {
  if (reducer === 'sum') return NUMBER;
  if (reducer === 'max' || reducer === 'min') return joinAll([before, ...after]);
  const lists = after.map(({ list }) => list).filter((list) => list !== null);
  const begun = before.list?.most ?? 0;
  const start = Math.max(2, bytesOf(before));
  const most = lists.reduce((sum, list) => sum + Math.max(0, list.most - begun), begun);
  const cap = after.reduce((sum, shape) => sum + Math.max(0, bytesOf(shape) - start) + 1, start);
  const loose = lists.map((list) => list.loose).find((each) => each !== null) ?? null;
  const items = [...(before.list ? [before.list.item] : []), ...lists.map(({ item }) => item)];
  return maybe(listOf(most, joinAll(items), { cap, loose }));
}
