/**
 * What is known of a JSON value on every way to a place: its members that are always there, or nothing
 * (`open`: anything may be read below).
 */
export type Shape =
  | { readonly kind: 'open' }
  | { readonly kind: 'leaf' }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Shape> }
  | { readonly kind: 'list'; readonly element: Shape };

export const OPEN: Shape = { kind: 'open' };
export const LEAF: Shape = { kind: 'leaf' };

export function objectShape(members: Iterable<readonly [string, Shape]>): Shape {
  return { kind: 'object', members: new Map(members) };
}

interface Schema {
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

/** What a JSON Schema promises of every value it accepts. */
export function shapeOfSchema(document: object): Shape {
  const schema: Schema = document; // any JSON Schema: every keyword is optional
  if (schema.anyOf) return schema.anyOf.map(shapeOfSchema).reduce(join);
  if (schema.properties)
    return objectShape(
      (schema.required ?? []).map((key) => [key, shapeOfSchema(schema.properties?.[key] ?? {})]),
    );
  if (schema.type === 'array') return { kind: 'list', element: shapeOfSchema(schema.items ?? {}) };
  return schema.type === 'object' || schema.type === undefined ? OPEN : LEAF;
}

/** What holds on both ways. */
export function join(a: Shape, b: Shape): Shape {
  if (a.kind === 'object' && b.kind === 'object') {
    const shared = [...a.members].flatMap(([key, member]) => {
      const other = b.members.get(key);
      return other ? [[key, join(member, other)] as const] : [];
    });
    return objectShape(shared);
  }
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', element: join(a.element, b.element) };
  return a.kind === 'open' ? b : b.kind === 'open' ? a : LEAF;
}

/** The shape at a path's steps, or undefined where it is not always there. */
export function read(shape: Shape, steps: readonly (string | number)[]): Shape | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return shape;
  if (shape.kind === 'open') return OPEN;
  if (shape.kind === 'list' && typeof step === 'number') return read(shape.element, rest);
  const member = shape.kind === 'object' ? shape.members.get(String(step)) : undefined;
  return member && read(member, rest);
}

/** The shape with `value` at `steps`, as ResultPath writes it. */
export function write(shape: Shape, steps: readonly (string | number)[], value: Shape): Shape {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const members = shape.kind === 'object' ? shape.members : new Map<string, Shape>();
  return objectShape(
    new Map(members).set(String(step), write(members.get(String(step)) ?? objectShape([]), rest, value)),
  );
}

/** Two shapes say the same. */
export function same(a: Shape, b: Shape): boolean {
  return text(a) === text(b);
}

function text(shape: Shape): string {
  if (shape.kind === 'object')
    return `{${[...shape.members]
      .map(([key, member]) => `${key}:${text(member)}`)
      .sort()
      .join()}}`;
  return shape.kind === 'list' ? `[${text(shape.element)}]` : shape.kind;
}
