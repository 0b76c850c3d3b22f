import { callOf, dottedName, isNode, nameOf, nodeAt, type SyntaxNode, visit } from './syntax.ts';

/**
 * The value of an expression of numbers, constants of the file and arithmetic, or undefined. Of two ways the
 * longer one counts.
 */
export function millisecondsOf(amount: SyntaxNode | undefined, root: SyntaxNode): number | undefined {
  if (amount === undefined) return 0; // the clock's own default
  const value = (node: SyntaxNode | undefined) => (node ? millisecondsOf(node, root) : undefined);
  switch (amount.type) {
    case 'NumericLiteral':
      return Number(amount['value']);
    case 'ParenthesisExpression':
    case 'TsAsExpression':
    case 'TsConstAssertion':
    case 'TsSatisfiesExpression':
      return value(nodeAt(amount, 'expression'));
    case 'UnaryExpression':
      return amount['operator'] === '-' ? negated(value(nodeAt(amount, 'argument'))) : undefined;
    case 'BinaryExpression':
      return computed(
        String(amount['operator']),
        value(nodeAt(amount, 'left')),
        value(nodeAt(amount, 'right')),
      );
    case 'ConditionalExpression':
      return longer(value(nodeAt(amount, 'consequent')), value(nodeAt(amount, 'alternate')));
    case 'CallExpression':
      return extreme(amount, value);
    case 'Identifier':
    case 'MemberExpression':
      return value(constantNamed(dottedName(amount), root));
    default:
      return undefined;
  }
}

const negated = (value: number | undefined) => (value === undefined ? undefined : -value);

function longer(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : Math.max(left, right);
}

function computed(operator: string, left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return undefined;
  return ARITHMETIC[operator]?.(left, right);
}

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '**': (left, right) => left ** right,
};

/** `Math.min` is known by the smallest part that is; `Math.max` by all of its parts. */
function extreme(node: SyntaxNode, value: (node: SyntaxNode) => number | undefined): number | undefined {
  const call = callOf(node);
  const parts = (call?.args ?? []).map(value);
  const known = parts.filter((part) => part !== undefined);
  if (call?.name === 'Math.min' && known.length > 0) return Math.min(...known);
  return call?.name === 'Math.max' && known.length === parts.length ? Math.max(...known) : undefined;
}

/** What `const NAME = …` holds, or a member of the object that `const NAME = { … }` holds. */
function constantNamed(name: string | undefined, root: SyntaxNode): SyntaxNode | undefined {
  if (name === undefined) return undefined;
  const [holder, member] = name.split('.');
  let found: SyntaxNode | undefined;
  visit(root, (node, ancestors) => {
    if (node.type !== 'VariableDeclarator' || nameOf(nodeAt(node, 'id')) !== holder) return;
    if (ancestors.at(-1)?.['kind'] === 'const') found = nodeAt(node, 'init');
  });
  if (member === undefined || found === undefined) return found;
  return memberNamed(found, member);
}

function memberNamed(held: SyntaxNode, member: string): SyntaxNode | undefined {
  const object = held.type === 'ObjectExpression' ? held : nodeAt(held, 'expression');
  const properties: readonly unknown[] = Array.isArray(object?.['properties']) ? object['properties'] : [];
  const property = properties.find((each) => isNode(each) && nameOf(nodeAt(each, 'key')) === member);
  return isNode(property) ? nodeAt(property, 'value') : undefined;
}

/** How long the longest `sleep <seconds>` in the texts of a call takes, or undefined. */
export function shellMillisecondsOf(call: SyntaxNode): number | undefined {
  const texts: string[] = [];
  visit(call, (node) => {
    if (node.type === 'StringLiteral') texts.push(String(node['value']));
    if (node.type === 'TemplateElement') texts.push(String(node['raw']));
  });
  const seconds = [...texts.join(' ').matchAll(/\bsleep\s+([\d.]+)/g)].map(([, amount]) => Number(amount));
  return seconds.length === 0 ? undefined : 1_000 * Math.max(...seconds);
}
