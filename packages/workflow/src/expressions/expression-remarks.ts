import { isKnownFunction, isKnownName } from './known-names.ts';
import { type ParsedExpression, parseExpression } from './parse-expression.ts';
import { children, everyNode, type SyntaxNode } from './syntax-tree.ts';

/** A name with `$` that nothing sets, and where it stands in the expression. */
export interface UnknownName {
  readonly name: string;
  readonly isCalled: boolean;
  readonly position: number;
}

/** Names that neither the library, nor we, nor the expression itself sets. */
export function unknownNames({
  tree,
  variables,
}: Pick<ParsedExpression, 'tree' | 'variables'>): readonly UnknownName[] {
  if ([...variables].every(isKnownName)) return [];
  const nodes = [...everyNode(tree)];
  const bound = new Set(nodes.flatMap(namesSetBy));
  const called = new Set(nodes.flatMap(({ procedure }) => (procedure ? [procedure] : [])));
  return nodes
    .filter(({ type }) => type === 'variable')
    .map((node) => ({ name: String(node.value), isCalled: called.has(node), position: node.position ?? 0 }))
    .filter(({ name }) => !bound.has(name) && !isKnownName(name));
}

/** `:=`, parameters of a function, and the `@` and `#` of a path. */
function namesSetBy(node: SyntaxNode): readonly string[] {
  const { type, lhs, focus, index } = node;
  const stages = (node.stages ?? []).filter((stage) => stage.type === 'index');
  const assigned = type === 'bind' && isOne(lhs) ? [lhs] : [];
  const parameters = type === 'lambda' ? (node.arguments ?? []) : [];
  return [...[...assigned, ...parameters, ...stages].map((each) => each.value), focus, index].filter(
    (name) => typeof name === 'string',
  );
}

function isOne(lhs: SyntaxNode['lhs']): lhs is SyntaxNode {
  return lhs !== undefined && !Array.isArray(lhs);
}

/** A text that was surely meant as an expression: it calls a function or follows a path, and nothing else. */
export function readsAsExpression(text: string): boolean {
  if (!/^\s*\$[\w$.]*[\w)\]}.]/.test(text)) return false;
  const parsed = parsedOrNot(text.trim());
  if (parsed === undefined) return false;
  const { tree } = parsed;
  const [first] = tree.type === 'path' ? (tree.steps ?? []) : [tree];
  const isCall = first?.type === 'function' && isKnownFunction(String(first.procedure?.value));
  const isPath = first?.type === 'variable' && isKnownName(String(first.value)) && text.trim().length > 1;
  const isSum = tree.type === 'binary' && text.includes('(');
  return (isCall || isPath || isSum) && unknownNames(parsed).length === 0;
}

const CALCULATES: ReadonlySet<string> = new Set(['binary', 'condition', 'apply']);
const WORDS: ReadonlySet<unknown> = new Set(['and', 'or', 'in']); // a sentence has them, too

/**
 * Whether a text calculates with fields of the state, or leads deep into one, and says nothing else: as a text
 * it is hardly what was meant. `report.md` may be the name of a file, though there is a field `report`.
 */
export function readsFields(text: string, fields: ReadonlySet<string>): boolean {
  const parsed = parsedOrNot(text.trim());
  if (parsed === undefined || parsed.reads === 'all' || parsed.reads.size === 0) return false;
  const { tree, reads } = parsed;
  const leadsDeep = tree.type === 'path' && (tree.steps ?? []).length > 2;
  const calculates = CALCULATES.has(tree.type) && !WORDS.has(tree.value);
  return (
    (leadsDeep || calculates) &&
    [...reads].every((field) => fields.has(field)) &&
    unknownNames(parsed).length === 0
  );
}

/** What is said of either. */
export function takenAsText(text: string): string {
  return `${JSON.stringify(text.slice(0, 80))} is taken as a text, not as an expression`;
}

function parsedOrNot(source: string): ParsedExpression | undefined {
  try {
    return parseExpression(source);
  } catch {
    return undefined; // no expression: the text is what it says
  }
}

const MAKES_NO_TEXT: ReadonlySet<string> = new Set([
  ...['sum', 'count', 'max', 'min', 'average', 'length', 'number', 'floor', 'ceil', 'round', 'abs', 'sqrt'],
  ...['power', 'random', 'millis', 'toMillis', 'parseInteger', 'boolean', 'not', 'exists', 'contains'],
  ...[
    'keys',
    'append',
    'distinct',
    'sort',
    'reverse',
    'shuffle',
    'split',
    'spread',
    'merge',
    'range',
    'partition',
  ],
]);
const ARITHMETIC: ReadonlySet<unknown> = new Set(['+', '-', '*', '/', '%']);

/** Whether the value can only be a number, true or false, a list or an object. */
export function makesNoText({ type, value, procedure, expressions }: SyntaxNode): boolean {
  if (type === 'binary') return value !== '&' && value !== '..';
  if (type === 'block') {
    const last = expressions?.at(-1);
    return last !== undefined && makesNoText(last);
  }
  if (type === 'unary') return true;
  if (type === 'number' || (type === 'value' && value !== null)) return true;
  return type === 'function' && MAKES_NO_TEXT.has(String(procedure?.value));
}

/** Whether an expression leaves members of a list out, so that none may be left. */
export function selects(tree: SyntaxNode): boolean {
  return [...everyNode(tree)].some(
    ({ type, procedure }) =>
      type === 'filter' || procedure?.value === 'filter' || procedure?.value === 'sift',
  );
}

/** Fields of the state that an expression calculates with: what they hold has to be a number. */
export function fieldsUsedAsNumbers({ tree }: Pick<ParsedExpression, 'tree'>): readonly string[] {
  return [...everyNode(tree)].flatMap((node) => {
    if (node.type !== 'binary') return [];
    const sides = children(node);
    const isCompared =
      ['<', '<=', '>', '>='].includes(String(node.value)) && sides.some(({ type }) => type === 'number');
    return ARITHMETIC.has(node.value) || isCompared ? sides.flatMap(fieldOf) : [];
  });
}

/** The field of the state that a node is, where it is one and nothing more. */
function fieldOf({ type, steps = [] }: SyntaxNode): readonly string[] {
  const [first, second] = steps;
  return type === 'path' && first?.type === 'name' && second === undefined ? [String(first.value)] : [];
}

/**
 * What an expression reads of a field whose name needs backticks and has none: `user-name` is `user` minus
 * `name`. The pieces are taken for fields of their own.
 */
export function piecesOf(field: string): readonly string[] {
  return field.split(/[^A-Za-z0-9_$]+/).filter((piece) => piece !== '');
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that an expression takes for a word of its own. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  'and',
  'or',
  'in',
  'true',
  'false',
  'null',
  'function',
]);

export function needsBackticks(field: string): boolean {
  return !PLAIN_NAME.test(field) || KEYWORDS.has(field);
}

/** Where a field stands in an expression without the backticks that its name needs; -1 where it does not. */
export function unquotedAt(source: string, field: string): number {
  if (field === '') return -1; // it would be found everywhere, and again behind the end
  // as long as they were, so that positions stay
  const bare = source.replaceAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g, (quoted) =>
    ' '.repeat(quoted.length),
  );
  for (let at = bare.indexOf(field); at >= 0; at = bare.indexOf(field, at + 1)) {
    if (!/[\w$.]/.test(bare[at - 1] ?? ' ') && !/[\w$]/.test(bare[at + field.length] ?? ' ')) return at;
  }
  return -1;
}

const WITH_HYPHEN = /(?<![\w$`])[A-Za-z_]\w*(?:-[A-Za-z_]\w*)+(?![\w`])/g;

/** Words with hyphens as they stand in an expression, without spaces around: differences, or names. */
export function hyphenated(source: string): readonly string[] {
  return source.match(WITH_HYPHEN) ?? [];
}
