import type { SyntaxNode } from '@statebag/workflow/analysis';
import {
  BOOLEAN,
  bytesOf,
  isNothing,
  join,
  joinAll,
  listOf,
  maybe,
  memberOf,
  NOTHING,
  NULL,
  NUMBER,
  objectOf,
  plainShape,
  present,
  type Shape,
  shapeOfValue,
  textShape,
} from '../shape/shape.ts';
import { callShape } from './call-shape.ts';
import { knowing, looking, type Scope, unknown } from './scope.ts';
import { elementsOf, sequenceOf } from './sequences.ts';
import { joined, textOfShape } from './text-of-shape.ts';

/** Every value that a JSONata expression may come to, given what it sees. */
export function shapeOfExpression(node: SyntaxNode, scope: Scope): Shape {
  const shape = BY_TYPE[node.type]?.(node, scope) ?? unknown(scope, `a ${node.type} in an expression`);
  const filters = node.predicate ?? [];
  const filtered = filters.reduce((each, filter) => filteredBy(filter, each, scope), shape);
  return node.group === undefined ? filtered : unknown(scope, 'a grouping in an expression');
}

type Rule = (node: SyntaxNode, scope: Scope) => Shape;

const BY_TYPE: Readonly<Record<string, Rule>> = {
  string: ({ value }) => shapeOfValue(String(value)),
  number: ({ value }) => shapeOfValue(Number(value)),
  value: ({ value }) => (value === undefined ? NOTHING : shapeOfValue(value)),
  name: ({ value }, { here }) => fieldOf(here, String(value)),
  path: pathShape,
  variable: variableShape,
  binary: binaryShape,
  unary: unaryShape,
  condition: conditionShape,
  block: blockShape,
  bind: (node, scope) => shapeOfExpression(rightOf(node), scope),
  lambda: (node, scope) => thunkShape(node, scope),
  function: (node, scope) => callShape(node, scope, shapeOfExpression),
  apply: (node, scope) => {
    const right = rightOf(node);
    if (right.type !== 'function') return unknown(scope, 'a chain of functions');
    return callShape(right, scope, shapeOfExpression, [shapeOfExpression(leftOf(node), scope)]);
  },
};

/** A call at the end of a function stands in a function without parameters, which is called at once. */
function thunkShape(node: SyntaxNode, scope: Scope): Shape {
  const isThunk = 'thunk' in node && node.thunk === true;
  return isThunk && node.body ? shapeOfExpression(node.body, scope) : unknown(scope, 'a function as a value');
}

/** A member of the value that is looked at; of a list, that of each of its members. */
function fieldOf(here: Shape, name: string): Shape {
  const { list, object, any } = here;
  const own = object ? memberOf(object, name) : NOTHING;
  const ofAny: Shape = any ? { ...NOTHING, any } : NOTHING;
  const ofList = list
    ? sequenceOf(list.most, fieldOf(list.item, name), { cap: list.cap, flat: true })
    : NOTHING;
  return maybe(joinAll([own, ofAny, ofList]));
}

function leftOf({ lhs }: SyntaxNode): SyntaxNode {
  return lhs as SyntaxNode; // an operator has one node on each side
}

function rightOf({ rhs }: SyntaxNode): SyntaxNode {
  return rhs as SyntaxNode; // an operator has one node on each side
}

function pathShape({ steps = [], ...node }: SyntaxNode, scope: Scope): Shape {
  const isOrdered = steps.some(
    ({ type, focus, index }) => type === 'sort' || focus !== undefined || index !== undefined,
  );
  if (isOrdered) return unknown(scope, 'a sorted or bound path');
  let shape = scope.here;
  for (const [index, step] of steps.entries())
    shape = stepShape(step, shape, { scope, isFirst: index === 0 });
  return 'keepSingletonArray' in node && node.keepSingletonArray === true
    ? join(shape, asList(shape))
    : shape;
}

interface StepPlace {
  readonly scope: Scope;
  readonly isFirst: boolean;
}

function stepShape(step: SyntaxNode, input: Shape, { scope, isFirst }: StepPlace): Shape {
  const { stages = [], ...bare } = step;
  const filters = (shape: Shape) => stages.reduce((each, stage) => filteredBy(stage, each, scope), shape);
  // a variable at the beginning is looked at whole
  if (isFirst && step.type === 'variable') return filters(shapeOfExpression(bare, scope));
  if (isFirst && step.type === 'name') return filters(nameShape(bare, input));
  const { most, each, cap } = elementsOf(input);
  const one = filters(shapeOfExpression(bare, looking(scope, each)));
  const isConstructor = bare.type === 'unary' && bare.value === '[';
  return sequenceOf(most, one, { flat: !isConstructor, ...(step.type === 'name' && { cap }) });
}

const nameShape = ({ value }: SyntaxNode, input: Shape): Shape => fieldOf(input, String(value));

/** What is left of a value: as much as there was, or one member where a number says which. */
function filteredBy(stage: SyntaxNode, shape: Shape, scope: Scope): Shape {
  if (stage.type !== 'filter' || !stage.expr) return unknown(scope, `a ${stage.type} in a path`);
  const { most, each, cap } = elementsOf(shape);
  const { expr } = stage;
  const isIndex = expr.type === 'number' || (expr.type === 'unary' && expr.value === '-');
  if (isIndex) return maybe(each);
  const tested = shapeOfExpression(expr, looking(scope, each));
  // a list of numbers picks members, one of them as often as it is named
  if (tested.list || tested.any) return unknown(scope, 'a filter that may be a list of places');
  return sequenceOf(most, each, { cap });
}

function variableShape({ value }: SyntaxNode, scope: Scope): Shape {
  const name = String(value);
  if (name === '') return scope.here;
  if (name === '$') return scope.root;
  return scope.variables.get(name) ?? unknown(scope, `$${name}`);
}

const LOGICAL: ReadonlySet<unknown> = new Set(['=', '!=', '<', '<=', '>', '>=', 'and', 'or', 'in']);
const ARITHMETIC: ReadonlySet<unknown> = new Set(['+', '-', '*', '/', '%']);

function binaryShape(node: SyntaxNode, scope: Scope): Shape {
  const { value } = node;
  if (LOGICAL.has(value)) return BOOLEAN;
  const [left, right] = [leftOf(node), rightOf(node)];
  const sides = [shapeOfExpression(left, scope), shapeOfExpression(right, scope)] as const;
  if (ARITHMETIC.has(value)) return { ...NUMBER, absent: sides.some(({ absent }) => absent) };
  if (value === '&') return textShape(joined(sides.map(textOfShape)));
  if (value === '..') return rangeShape(left, right, scope);
  return unknown(scope, `the operator ${String(value)}`);
}

function rangeShape(left: SyntaxNode, right: SyntaxNode, scope: Scope): Shape {
  if (left.type !== 'number' || right.type !== 'number') return unknown(scope, 'a range without fixed ends');
  const [from, to] = [Number(left.value), Number(right.value)];
  const widest = Math.max(String(from).length, String(to).length);
  return listOf(Math.max(0, to - from + 1), plainShape(widest));
}

function unaryShape(node: SyntaxNode, scope: Scope): Shape {
  if (node.value === '-') return NUMBER;
  if (node.value === '[') return arrayShape(node.expressions ?? [], scope);
  if (node.value === '{' && Array.isArray(node.lhs)) return constructorShape(node.lhs, scope);
  return unknown(scope, `the operator ${String(node.value)}`);
}

/** What a member of `[ … ]` gives is a part of it: a list in its members, unless it is a constructor too. */
function arrayShape(expressions: readonly SyntaxNode[], scope: Scope): Shape {
  const parts = expressions.map((each) => {
    const shape = shapeOfExpression(each, scope);
    const isKept = each.type === 'unary' && each.value === '[';
    return isKept || (!shape.list && !shape.any)
      ? { most: 1, each: shape, bytes: bytesOf(shape) }
      : spread(shape);
  });
  const members = parts.map(({ each }) => present(each)).filter((each) => !isNothing(each));
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  return listOf(
    parts.reduce((sum, { most }) => sum + most, 0),
    joinAll(members),
    { cap: 2 + bytes + Math.max(0, parts.length - 1) },
  );
}

/** In a list that goes on, its members take what the list takes without its brackets, or more where it is one. */
function spread(shape: Shape) {
  const { most, each } = elementsOf(shape);
  return { most, each, bytes: bytesOf(shape) };
}

function constructorShape(pairs: readonly unknown[], scope: Scope): Shape {
  const { most, each } = elementsOf(scope.here);
  const overMany = most > 1 && scope.here !== scope.root;
  if (overMany) return unknown(scope, 'an object made of a list');
  const inner = scope.here === scope.root || most === 0 ? scope : looking(scope, each);
  const members = new Map<string, Shape>();
  for (const pair of pairs) {
    const [key, value] = pair as readonly [SyntaxNode, SyntaxNode]; // an object is a list of pairs
    if (key.type !== 'string') return unknown(scope, 'an object whose names are worked out');
    const shape = shapeOfExpression(value, inner);
    if (!isNothing(shape)) members.set(String(key.value), shape);
  }
  return objectOf(members);
}

interface Condition {
  readonly condition?: SyntaxNode;
  readonly then?: SyntaxNode;
  readonly else?: SyntaxNode;
}

function conditionShape(node: SyntaxNode & Condition, scope: Scope): Shape {
  const ways = [node.then, node.else].map((way) => (way ? shapeOfExpression(way, scope) : NOTHING));
  return joinAll(ways);
}

function blockShape({ expressions = [] }: SyntaxNode, scope: Scope): Shape {
  let [inner, last]: [Scope, Shape] = [scope, NOTHING];
  for (const each of expressions) {
    last = shapeOfExpression(each, inner);
    if (each.type === 'bind' && !isLambda(rightOf(each)))
      inner = knowing(inner, [[String(leftOf(each).value), last]]);
  }
  return last;
}

const isLambda = ({ type }: SyntaxNode): boolean => type === 'lambda';

function asList(shape: Shape): Shape {
  const { most, each } = elementsOf(shape);
  return isNothing(each) ? listOf(0, NULL) : listOf(most, each, { cap: bytesOf(shape) + 2 });
}
