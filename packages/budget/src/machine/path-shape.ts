import { unboundedBy } from '../expression/scope.ts';
import { sequenceOf } from '../expression/sequences.ts';
import {
  anything,
  bytesOf,
  join,
  joinAll,
  listOf,
  maybe,
  memberOf,
  NOTHING,
  nameBytes,
  objectOf,
  present,
  type Shape,
} from '../shape/shape.ts';

/** What the paths of a state see. */
export interface Sources {
  /** `$`. */
  readonly input: Shape;
  /** `$$`. */
  readonly context: Shape;
  readonly variables: ReadonlyMap<string, Shape>;
  /** Whose paths they are, for what cannot be bounded. */
  readonly of: string;
}

type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index' }
  | { readonly kind: 'all' };

const STEP =
  /^(?:\.\*|\[\*\]|\.([^\s.[\]()=!<>&|,~*]+)(?!\()|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+)\])/u;

/** The steps of a path behind its `$`; null where a filter, a slice or a function stands in it. */
function stepsIn(text: string): readonly Step[] | null {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const [whole, plain, quoted, other, index] = STEP.exec(rest) ?? [];
    if (whole === undefined) return null;
    const name = plain ?? quoted ?? other;
    if (name !== undefined) steps.push({ kind: 'name', name });
    else steps.push({ kind: index === undefined ? 'all' : 'index' });
    rest = rest.slice(whole.length);
  }
  return steps;
}

/** Every value that a path may lead to. */
export function shapeAtPath(path: string, sources: Sources): Shape {
  const [, start = '', rest = ''] = /^(\$\$|\$[\p{ID_Start}_][\p{ID_Continue}]*|\$)(.*)$/su.exec(path) ?? [];
  const steps = start === '' ? null : stepsIn(rest);
  if (steps === null) return unknownAt(path, sources);
  const from = sourceOf(start, sources);
  return from === undefined ? unknownAt(path, sources) : followed(steps, from);
}

function sourceOf(start: string, { input, context, variables }: Sources): Shape | undefined {
  if (start === '$') return input;
  return start === '$$' ? context : variables.get(start.slice(1));
}

export function unknownAt(what: string, { of }: Sources): Shape {
  const { at, keyword } = unboundedBy(of, what);
  return anything([
    { of, at, keyword, mend: 'name the members that it leads to, without filters, slices and functions' },
  ]);
}

/** From a wildcard on there may be several values, which come as a list. */
function followed(steps: readonly Step[], from: Shape): Shape {
  const [step, ...onward] = steps;
  if (!step) return from;
  if (step.kind === 'name') return followed(onward, memberAt(from, step.name));
  if (step.kind === 'index') return followed(onward, oneOf(from));
  const { most, each } = membersOf(from);
  const cap = bytesOf(from) + 2;
  return present(join(listOf(0, NOTHING), sequenceOf(most, followed(onward, each), { cap })));
}

/** A member of an object: of a list there is none. */
export function memberAt({ object, any }: Shape, name: string): Shape {
  return maybe(joinAll([object ? memberOf(object, name) : NOTHING, any ? { ...NOTHING, any } : NOTHING]));
}

function oneOf({ list, any }: Shape): Shape {
  return maybe(joinAll([list ? list.item : NOTHING, any ? { ...NOTHING, any } : NOTHING]));
}

function membersOf({ list, object, any }: Shape) {
  const values = [...(object?.members.values() ?? []), ...(object?.others ? [object.others.value] : [])];
  const most = (object?.members.size ?? 0) + (object?.others?.most ?? 0);
  const ofAny: Shape = any ? { ...NOTHING, any } : NOTHING;
  return {
    most: Math.max(list?.most ?? 0, most, any ? Infinity : 0),
    each: present(joinAll([list ? list.item : NOTHING, ...values, ofAny])),
  };
}

/** A value with another one in it, at a reference path; objects on the way are made. */
export function placedAt(path: string, value: Shape, inner: Shape): Shape | null {
  const steps = path.startsWith('$') ? stepsIn(path.slice(1)) : null;
  if (!steps?.every((step) => step.kind === 'name')) return null;
  return withMember(
    value,
    steps.flatMap((step) => (step.kind === 'name' ? [step.name] : [])),
    inner,
  );
}

function withMember(value: Shape, names: readonly string[], inner: Shape): Shape {
  const [name, ...onward] = names;
  if (name === undefined) return present(inner);
  const { object, any } = value;
  const before = object ?? { members: new Map<string, Shape>(), others: null, cap: Infinity };
  const changed = withMember(memberOf(before, name), onward, inner);
  const members = new Map([...before.members, [name, changed] as const]);
  const cap = before.cap + nameBytes(name) + bytesOf(changed) + 2;
  const made = objectOf(members, { others: before.others, cap });
  return withAny(made, any);
}

/** What is not known holds what it held, and the new value beside it. */
function withAny(made: Shape, any: Shape['any']): Shape {
  if (!any || !made.object) return made;
  const bytes = any.bytes + bytesOf({ ...made, any: null });
  return { ...made, any: { ...any, bytes } };
}
