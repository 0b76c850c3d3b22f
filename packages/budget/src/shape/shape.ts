/** Why a value has no bound, and what would give it one. Nothing is assumed in its place. */
export interface LooseEnd {
  /** Whose value it is: `input`, `answer of extract`, or a node whose expression makes it. */
  readonly of: string;
  /** Where in that value, with a star for the members of a list. */
  readonly at: string;
  /** The keyword that is missing; null where no schema can say it. */
  readonly keyword: string | null;
  readonly mend: string;
}

/** How long a text may be. `inner` are the bytes between its quotes in JSON. */
export interface TextShape {
  readonly chars: number;
  readonly inner: number;
  /** Bytes that one of its characters may take. */
  readonly widest: number;
  readonly loose: LooseEnd | null;
}

export interface ListShape {
  readonly most: number;
  readonly item: Shape;
  /** It takes no more than this, whatever its members may take each for itself. */
  readonly cap: number;
  readonly loose: LooseEnd | null;
}

/** Members beyond those that are known by name. */
export interface OtherMembers {
  readonly most: number;
  readonly name: TextShape;
  readonly value: Shape;
  readonly loose: LooseEnd | null;
}

export interface ObjectShape {
  readonly members: ReadonlyMap<string, Shape>;
  readonly others: OtherMembers | null;
  readonly cap: number;
}

/** Any JSON at all, of so many bytes. */
export interface AnyShape {
  readonly bytes: number;
  readonly loose: readonly LooseEnd[];
}

/** All values that may stand at a place: each kind that is possible, with its bound. */
export interface Shape {
  /** Whether there may be nothing. */
  readonly absent: boolean;
  /** The longest number, true, false or null; 0 where none is possible. */
  readonly plain: number;
  readonly text: TextShape | null;
  readonly list: ListShape | null;
  readonly object: ObjectShape | null;
  readonly any: AnyShape | null;
}

export const NOTHING: Shape = { absent: true, plain: 0, text: null, list: null, object: null, any: null };
const NEVER: Shape = { ...NOTHING, absent: false };

/** `-0.0000012345678901234567`: JavaScript writes no number with more. */
export const NUMBER_BYTES = 25;
/** A control character is written as six bytes; no other character takes more. */
export const WIDEST_CHARACTER = 6;
/** Of UTF-8, where control characters are none. */
export const WIDEST_PRINTED = 4;

export const plainShape = (plain: number): Shape => ({ ...NEVER, plain });
export const NUMBER = plainShape(NUMBER_BYTES);
export const BOOLEAN = plainShape('false'.length);
export const NULL = plainShape('null'.length);

export function textOf(chars: number, widest = WIDEST_CHARACTER, loose: LooseEnd | null = null): Shape {
  return { ...NEVER, text: { chars, inner: chars * widest, widest, loose } };
}

export const textShape = (text: TextShape): Shape => ({ ...NEVER, text });

export function listOf(most: number, item: Shape, { cap = Infinity, loose = null }: Partial<ListShape> = {}) {
  return { ...NEVER, list: { most, item, cap, loose } } satisfies Shape;
}

export function objectOf(
  members: ReadonlyMap<string, Shape>,
  { others = null, cap = Infinity }: Partial<ObjectShape> = {},
) {
  return { ...NEVER, object: { members, others, cap } } satisfies Shape;
}

export function anything(loose: readonly LooseEnd[], bytes = Infinity): Shape {
  return { ...NEVER, any: { bytes, loose } };
}

export const present = (shape: Shape): Shape => (shape.absent ? { ...shape, absent: false } : shape);
export const maybe = (shape: Shape): Shape => (shape.absent ? shape : { ...shape, absent: true });
/** Whether there can be nothing but nothing. */
export const isNothing = ({ plain, text, list, object, any }: Shape): boolean =>
  plain === 0 && !text && !list && !object && !any;

/** The shape of one value: what it is, no more. */
export function shapeOfValue(value: unknown): Shape {
  if (typeof value === 'string') {
    const inner = Buffer.byteLength(JSON.stringify(value)) - 2;
    const widest = Math.max(1, ...[...value].map((each) => Buffer.byteLength(JSON.stringify(each)) - 2));
    return textShape({ chars: [...value].length, inner, widest, loose: null });
  }
  if (Array.isArray(value)) {
    const members = value.map(shapeOfValue);
    const cap = 2 + members.reduce((sum, each) => sum + bytesOf(each), 0) + Math.max(0, members.length - 1);
    return listOf(members.length, joinAll(members), { cap });
  }
  if (typeof value === 'object' && value !== null)
    return objectOf(new Map(Object.entries(value).map(([name, member]) => [name, shapeOfValue(member)])));
  return plainShape(String(value).length);
}

const measured = new WeakMap<Shape, number>();

/** What a value may take as JSON, in UTF-8 bytes; 0 for nothing. */
export function bytesOf(shape: Shape): number {
  const known = measured.get(shape);
  if (known !== undefined) return known;
  const { plain, text, list, object, any } = shape;
  const bytes = Math.max(
    plain,
    text ? text.inner + 2 : 0,
    list ? bytesOfList(list) : 0,
    object ? bytesOfObject(object) : 0,
    any ? any.bytes : 0,
  );
  measured.set(shape, bytes);
  return bytes;
}

/** Nothing times infinity is nothing. */
const product = (count: number, each: number): number => (count === 0 || each === 0 ? 0 : count * each);

export function bytesOfList({ most, item, cap }: ListShape): number {
  return Math.min(cap, 2 + product(most, bytesOf(item)) + Math.max(0, most - 1));
}

export function bytesOfObject({ members, others, cap }: ObjectShape): number {
  let count = 0;
  let total = 2;
  for (const [name, member] of members) {
    if (isNothing(member)) continue;
    count += 1;
    total += nameBytes(name) + 1 + bytesOf(member);
  }
  if (others) {
    count += others.most;
    total += product(others.most, others.name.inner + 3 + bytesOf(others.value));
  }
  return Math.min(cap, total + Math.max(0, count - 1));
}

const names = new Map<string, number>();

/** A name as a key in JSON, quotes included. */
export function nameBytes(name: string): number {
  const known = names.get(name) ?? Buffer.byteLength(JSON.stringify(name));
  if (names.size < 10_000) names.set(name, known);
  return known;
}

/** What the JSON text of a value takes inside of another JSON text, without the outer quotes. */
export function escapedBytes(shape: Shape): number {
  const { plain, text, list, object, any } = shape;
  const ofList = list
    ? Math.min(2 * list.cap, 2 + product(list.most, escapedBytes(list.item)) + Math.max(0, list.most - 1))
    : 0;
  return Math.max(
    plain,
    text ? escapedText(text) + 4 : 0,
    ofList,
    object ? escapedObject(object) : 0,
    any ? any.bytes * 2 : 0,
  );
}

/** `\u0001` becomes `\\u0001`; a quote, two bytes in JSON, becomes four. */
function escapedText({ chars, inner, widest }: TextShape): number {
  const each = widest === 1 ? 1 : widest > WIDEST_PRINTED ? WIDEST_CHARACTER + 1 : WIDEST_PRINTED;
  return Math.min(2 * inner, product(chars, each));
}

function escapedObject({ members, others, cap }: ObjectShape): number {
  let total = 2 + Math.max(0, members.size + (others?.most ?? 0) - 1);
  for (const [name, member] of members) total += escapedText(nameText(name)) + 5 + escapedBytes(member);
  if (others) total += product(others.most, escapedText(others.name) + 5 + escapedBytes(others.value));
  return Math.min(2 * cap, total);
}

export function nameText(name: string): TextShape {
  const inner = nameBytes(name) - 2;
  return {
    chars: [...name].length,
    inner,
    widest: inner === name.length ? 1 : WIDEST_CHARACTER,
    loose: null,
  };
}

const larger = (left: number, right: number): number => Math.max(left, right);

/** All values of either. */
export function join(left: Shape, right: Shape): Shape {
  if (left === right) return left;
  return {
    absent: left.absent || right.absent,
    plain: larger(left.plain, right.plain),
    text: joinText(left.text, right.text),
    list: joinList(left.list, right.list),
    object: joinObject(left.object, right.object),
    any: joinAny(left.any, right.any),
  };
}

export function joinAll(shapes: readonly Shape[]): Shape {
  const [first, ...others] = shapes;
  return first === undefined ? NEVER : others.reduce(join, first);
}

export function joinText(left: TextShape | null, right: TextShape | null): TextShape | null {
  if (!left || !right || left === right) return left ?? right;
  return {
    chars: larger(left.chars, right.chars),
    inner: larger(left.inner, right.inner),
    widest: larger(left.widest, right.widest),
    loose: left.loose ?? right.loose,
  };
}

function joinList(left: ListShape | null, right: ListShape | null): ListShape | null {
  if (!left || !right || left === right) return left ?? right;
  return {
    most: larger(left.most, right.most),
    item: join(left.item, right.item),
    cap: larger(bytesOfList(left), bytesOfList(right)),
    loose: left.loose ?? right.loose,
  };
}

function joinObject(left: ObjectShape | null, right: ObjectShape | null): ObjectShape | null {
  if (!left || !right || left === right) return left ?? right;
  const members = new Map<string, Shape>();
  for (const name of new Set([...left.members.keys(), ...right.members.keys()]))
    members.set(name, join(memberOf(left, name), memberOf(right, name)));
  return {
    members,
    others: joinOthers(left.others, right.others),
    cap: larger(bytesOfObject(left), bytesOfObject(right)),
  };
}

/** What stands under a name: nothing, where the object knows all of its members and this is none. */
export function memberOf({ members, others }: ObjectShape, name: string): Shape {
  return members.get(name) ?? (others ? maybe(others.value) : NOTHING);
}

function joinOthers(left: OtherMembers | null, right: OtherMembers | null): OtherMembers | null {
  if (!left || !right || left === right) return left ?? right;
  return {
    most: larger(left.most, right.most),
    name: joinText(left.name, right.name) ?? left.name,
    value: join(left.value, right.value),
    loose: left.loose ?? right.loose,
  };
}

function joinAny(left: AnyShape | null, right: AnyShape | null): AnyShape | null {
  if (!left || !right || left === right) return left ?? right;
  const loose = [...new Map([...left.loose, ...right.loose].map((end) => [keyOf(end), end])).values()];
  return { bytes: larger(left.bytes, right.bytes), loose: loose.slice(0, MOST_ENDS) };
}

/** More are not read by anybody. */
const MOST_ENDS = 50;
const keyOf = ({ of, at, keyword }: LooseEnd): string => `${of} ${at} ${keyword}`;
