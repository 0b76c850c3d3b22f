import type { SyntaxNode } from '@statebag/workflow/analysis';
import { sameShape } from '../shape/loose-ends.ts';
import {
  BOOLEAN,
  bytesOf,
  join,
  joinAll,
  listOf,
  maybe,
  NOTHING,
  NUMBER,
  nameText,
  objectOf,
  plainShape,
  type Shape,
  type TextShape,
  textOf,
  textShape,
  WIDEST_CHARACTER,
} from '../shape/shape.ts';
import { knowing, looking, type Scope, unknown } from './scope.ts';
import { elementsOf, sequenceOf, times } from './sequences.ts';
import { textOfShape } from './text-of-shape.ts';

type Evaluate = (node: SyntaxNode, scope: Scope) => Shape;

interface Call {
  readonly args: readonly Shape[];
  readonly nodes: readonly SyntaxNode[];
  readonly scope: Scope;
  readonly evaluate: Evaluate;
}

type Rule = (call: Call) => Shape;

/** What a function gives, by its arguments; `before` are those that a chain hands to it. */
export function callShape(
  { procedure, arguments: given = [] }: SyntaxNode,
  scope: Scope,
  evaluate: Evaluate,
  before: readonly Shape[] = [],
): Shape {
  const name = procedure?.type === 'variable' ? String(procedure.value) : '';
  const rule = scope.variables.has(name) ? undefined : RULES[name];
  if (!rule) return unknown(scope, name === '' ? 'a function of an expression' : `$${name}`);
  const args = given.map((each) => (each.type === 'lambda' ? NOTHING : evaluate(each, scope)));
  const nodes = [...before.map(() => CHAINED), ...given];
  const all = [...before, ...args];
  const least = FROM_CONTEXT[name] ?? 0;
  return all.length < least
    ? rule({ args: [scope.here, ...all], nodes: [CHAINED, ...nodes], scope, evaluate })
    : rule({ args: all, nodes, scope, evaluate });
}

/** Stands for an argument that is no part of the call. */
const CHAINED: SyntaxNode = { type: 'chained' };

/** With fewer arguments the value that is looked at is the first one. */
const FROM_CONTEXT: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ['string', 'lowercase', 'uppercase', 'length', 'trim', 'number'].map((name) => [name, 1]),
  ),
  ...Object.fromEntries(
    ['keys', 'substringBefore', 'substringAfter', 'split', 'contains'].map((name) => [name, 1]),
  ),
  substring: 2,
  substringBefore: 2,
  substringAfter: 2,
  split: 2,
};

const first = ({ args }: Call): Shape => args[0] ?? NOTHING;
const second = ({ args }: Call): Shape => args[1] ?? NOTHING;
const number: Rule = ({ args }) => ({ ...NUMBER, absent: args.some(({ absent }) => absent) });
const boolean: Rule = () => maybe(BOOLEAN);
const digits = (most: number): number => (Number.isFinite(most) ? String(most).length : plainBytes);
const plainBytes = NUMBER.plain;

/** A number that stands in the expression itself. */
function literal({ nodes }: Call, index: number): number | undefined {
  const node = nodes[index];
  return node?.type === 'number' ? Number(node.value) : undefined;
}

const text: Rule = (call) => {
  if (call.args.length > 1) return unknown(call.scope, '$string with an indent');
  return maybe(textShape(textOfShape(first(call))));
};

const sameText: Rule = (call) => maybe(textShape(textOfShape(first(call))));

/** One character may become three, such as ß, which becomes SS. */
const otherCase: Rule = (call) => {
  const given = textOfShape(first(call));
  if (given.widest === 1) return maybe(textShape(given));
  const { chars, loose } = given;
  return maybe(
    textShape({ chars: chars * 3, inner: chars * WIDEST_CHARACTER, widest: WIDEST_CHARACTER, loose }),
  );
};

const substring: Rule = (call) => {
  const given = textOfShape(first(call));
  return maybe(textShape(shortenedTo(given, literal(call, 2) ?? Infinity)));
};

function shortenedTo(given: TextShape, most: number): TextShape {
  const chars = Math.max(0, Math.min(given.chars, most));
  const inner = Math.min(given.inner, times(chars, given.widest));
  return { ...given, chars, inner, loose: Number.isFinite(chars) ? null : given.loose };
}

const padded: Rule = (call) => {
  const width = literal(call, 1);
  const given = textOfShape(first(call));
  if (width === undefined) return unknown(call.scope, '$pad to a width that is worked out');
  const more = Math.abs(width) * WIDEST_CHARACTER;
  const chars = Math.max(given.chars, Math.abs(width));
  return maybe(textShape({ ...given, chars, inner: given.inner + more, widest: WIDEST_CHARACTER }));
};

const split: Rule = (call) => {
  const given = textOfShape(first(call));
  const most = Math.min(given.chars + 1, literal(call, 2) ?? Infinity);
  const cap = given.inner + 3 * (given.chars + 1) + 2;
  return maybe(listOf(most, textShape(given), { cap, loose: given.loose }));
};

const joinTexts: Rule = (call) => {
  const { most, each } = elementsOf(first(call));
  const one = textOfShape(each);
  const between = call.args.length > 1 ? textOfShape(second(call)) : null;
  const gaps = Math.max(0, most - 1);
  return maybe(
    textShape({
      chars: times(most, one.chars) + times(gaps, between?.chars ?? 0),
      inner: Math.min(bytesOf(first(call)), times(most, one.inner)) + times(gaps, between?.inner ?? 0),
      widest: Math.max(one.widest, between?.widest ?? 1),
      loose: one.loose ?? first(call).list?.loose ?? null,
    }),
  );
};

const names: Rule = (call) => {
  const { each } = elementsOf(first(call));
  if (each.any) return unknown(call.scope, '$keys of a value of any kind');
  const { members = new Map(), others = null } = each.object ?? {};
  const own = [...members.keys()].map((name) => textShape(nameText(name)));
  const found = [...own, ...(others ? [textShape(others.name)] : [])];
  const cap =
    2 +
    own.reduce((sum, one) => sum + bytesOf(one) + 1, 0) +
    times(others?.most ?? 0, (others?.name.inner ?? 0) + 3);
  return sequenceOf(own.length + (others?.most ?? 0), joinAll(found), { cap });
};

const append: Rule = (call) => {
  const parts = [first(call), second(call)].map((shape) => ({ ...elementsOf(shape), bytes: bytesOf(shape) }));
  const most = parts.reduce((sum, part) => sum + part.most, 0);
  const each = joinAll(parts.filter((part) => part.most > 0).map((part) => part.each));
  const cap = parts.reduce((sum, { bytes }) => sum + bytes, 3);
  // where there is nothing on one side, the other one is left as it is
  return maybe(joinAll([listOf(most, each, { cap }), first(call), second(call)]));
};

const merge: Rule = (call) => {
  const { most, each } = elementsOf(first(call));
  if (each.any || !each.object) return unknown(call.scope, '$merge of values of any kind');
  const { others } = each.object;
  const more = others && { ...others, most: times(most, others.most) };
  return maybe(objectOf(each.object.members, { others: more, cap: bytesOf(first(call)) }));
};

const members: Rule = (call) => {
  const { most, each, cap } = elementsOf(first(call));
  return maybe(join(first(call), sequenceOf(most, each, { cap })));
};

const oneMember: Rule = (call) => maybe(elementsOf(first(call)).each);

const lookup: Rule = (call) => {
  const key = call.nodes[1];
  if (key?.type !== 'string') return unknown(call.scope, '$lookup of a name that is worked out');
  return call.evaluate({ type: 'name', value: key.value }, looking(call.scope, first(call)));
};

const range: Rule = (call) => {
  const [from, to, step] = [0, 1, 2].map((index) => literal(call, index));
  if (from === undefined || to === undefined || step === undefined || step === 0)
    return unknown(call.scope, '$range with numbers that are worked out');
  return listOf(Math.max(0, Math.floor((to - from) / step) + 1), NUMBER);
};

interface Lambda {
  readonly parameters: readonly string[];
  readonly body: SyntaxNode;
}

function lambdaAt({ nodes }: Call, index: number): Lambda | null {
  const node = nodes[index];
  if (node?.type !== 'lambda' || !node.body) return null;
  return { parameters: (node.arguments ?? []).map(({ value }) => String(value)), body: node.body };
}

function applied({ parameters, body }: Lambda, given: readonly Shape[], { scope, evaluate }: Call): Shape {
  const bound = parameters.map((name, index) => [name, given[index] ?? NOTHING] as const);
  return evaluate(body, knowing(scope, bound));
}

const mapped: Rule = (call) => {
  const lambda = lambdaAt(call, 1);
  if (!lambda) return unknown(call.scope, '$map with a function by its name');
  const { most, each } = elementsOf(first(call));
  return sequenceOf(most, applied(lambda, [each, plainShape(digits(most)), first(call)], call));
};

/** More members than this are not gone through one by one. */
const MOST_STEPS = 200;

const reduced: Rule = (call) => {
  const lambda = lambdaAt(call, 1);
  if (!lambda) return unknown(call.scope, '$reduce with a function by its name');
  const { most, each } = elementsOf(first(call));
  let so = call.args.length > 2 ? (call.args[2] ?? NOTHING) : each;
  for (let step = 0; step < Math.min(most, MOST_STEPS + 1); step += 1) {
    const next = join(so, applied(lambda, [so, each, plainShape(digits(most)), first(call)], call));
    if (sameShape(next, so)) return maybe(so);
    so = next;
  }
  return most <= MOST_STEPS ? maybe(so) : unknown(call.scope, '$reduce over a long list');
};

const RULES: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    ['number', 'floor', 'ceil', 'round', 'abs', 'sqrt', 'power', 'sum', 'average', 'random', 'millis'].map(
      (name) => [name, number],
    ),
  ),
  ...Object.fromEntries(['toMillis', 'parseInteger'].map((name) => [name, number])),
  max: number,
  min: number,
  ...Object.fromEntries(['boolean', 'not', 'exists', 'contains'].map((name) => [name, boolean])),
  count: (call) => plainShape(digits(elementsOf(first(call)).most)),
  length: (call) => maybe(plainShape(digits(textOfShape(first(call)).chars))),
  string: text,
  trim: sameText,
  substringBefore: sameText,
  substringAfter: sameText,
  lowercase: otherCase,
  uppercase: otherCase,
  substring,
  pad: padded,
  split,
  join: joinTexts,
  type: () => textOf('undefined'.length, 1),
  keys: names,
  lookup,
  append,
  merge,
  map: mapped,
  reduce: reduced,
  filter: (call) => {
    const { most, each, cap } = elementsOf(first(call));
    return sequenceOf(most, each, { cap });
  },
  single: oneMember,
  sift: (call) => maybe(first(call)),
  clone: first,
  reverse: members,
  sort: members,
  shuffle: members,
  distinct: members,
  now: () => textOf('2026-01-01T00:00:00.000Z'.length, 1),
  fromMillis: (call) =>
    call.args.length > 1
      ? unknown(call.scope, '$fromMillis with a picture')
      : maybe(textOf('+275760-09-13T00:00:00.000Z'.length, 1)),
  uuid: () => textOf(36, 1),
  hash: () => maybe(textOf(128, 1)),
  range,
  error: () => NOTHING,
  assert: () => NOTHING,
};
