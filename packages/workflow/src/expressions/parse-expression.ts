import { type JsonObject, StatebagError } from '@statebag/contracts';
import { shortened } from '@statebag/state-core/core/shortened';
import jsonata from 'jsonata';
import { readPattern } from '../patterns/read-pattern.ts';
import { type RegexEngine, regexEngine } from '../patterns/regex-engine.ts';
import { createExpressionClock, type ExpressionClock } from './expression-clock.ts';
import { EXPRESSION_LIMITS, type Room } from './expression-limits.ts';
import { nameSecrets } from './name-secrets.ts';
import { type ReadSet, readSetOf } from './read-set.ts';
import { roomHere } from './room-here.ts';
import { everyNode, type SyntaxNode } from './syntax-tree.ts';

/** A checked expression: its source, what it reads, and how it is evaluated. */
export interface ParsedExpression {
  readonly source: string;
  /** Where it stands in its text. */
  readonly stands: Standing;
  readonly tree: SyntaxNode;
  readonly reads: ReadSet;
  /** Names of variables and functions it uses, without `$`. */
  readonly variables: ReadonlySet<string>;
  /** How far it may go in this process; null where it may not even begin. */
  readonly roomHere: Room | null;
  /** @throws what the library throws */
  readonly evaluate: (
    view: JsonObject,
    bindings: Readonly<Record<string, unknown>>,
    room: Room,
  ) => Promise<unknown>;
}

/** How an expression stands in a text: where it begins, and whether it is the whole of it. */
export interface Standing {
  /** In UTF-16 units from 0. */
  readonly offset: number;
  readonly form: 'whole' | 'within';
}

/** Functions that reach outside of the expression or build code at run time. */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set(['eval']);

/**
 * @throws `Expression.Failed` with the position, when the text is no expression or does what expressions may
 * not.
 */
export function parseExpression(
  source: string,
  clock = createExpressionClock(),
  stands: Standing = { offset: 0, form: 'whole' },
): ParsedExpression {
  if (source.length > EXPRESSION_LIMITS.sourceLength)
    throw refused({ source, stands }, `it is longer than ${EXPRESSION_LIMITS.sourceLength} characters`, 0);
  const engine = regexEngine(clock.checkTime);
  const compiled = compile({ source, stands }, clock, engine);
  const { hasPatterns, ...seen } = seenInTree({ source, stands }, compiled.ast());
  return {
    source,
    stands,
    ...seen,
    async evaluate(view, bindings, room) {
      if (hasPatterns) await engine.open();
      return clock.inTurn(room, () => compiled.evaluate(view, bindings));
    },
  };
}

type Written = Pick<ParsedExpression, 'source' | 'stands'>;

/** What the syntax tree tells, without an evaluation. */
function seenInTree(written: Written, tree: SyntaxNode) {
  try {
    refuseMisuse(written, tree);
    const nodes = [...everyNode(tree)];
    for (const node of nodes) refuseUnsafe(written, node);
    const variables = nodes.filter((node) => node.type === 'variable').map((node) => String(node.value));
    return {
      tree,
      reads: readSetOf(tree),
      variables: new Set(variables),
      roomHere: roomHere(nodes),
      hasPatterns: nodes.some(({ value }) => value instanceof RegExp),
    };
  } catch (error) {
    if (error instanceof RangeError) throw refused(written, 'it is nested too deep');
    throw error;
  }
}

function compile(written: Written, clock: ExpressionClock, engine: RegexEngine): jsonata.Expression {
  const { depth, sequence } = EXPRESSION_LIMITS;
  try {
    return jsonata(
      written.source,
      optionsOf(clock, { stack: depth, sequence, RegexEngine: engine.constructor }),
    );
  } catch (error) {
    const { message, position } = describeJsonataError(error);
    throw refused(written, message, position, { cause: error });
  }
}

/**
 * The library compares the time that has passed with `timeout` at every step: asked there, the clock decides.
 * Our patch of it calls `onResult` with the value of every step.
 */
function optionsOf(clock: ExpressionClock, options: jsonata.JsonataOptions): jsonata.JsonataOptions {
  return Object.defineProperty({ ...options, onResult: clock.meet }, 'timeout', {
    get: () => (clock.isOver() ? Number.MIN_VALUE : Number.POSITIVE_INFINITY),
  });
}

function refuseUnsafe(written: Written, node: SyntaxNode): void {
  if (node.type === 'variable' && REFUSED_FUNCTIONS.has(String(node.value)))
    throw refused(written, `$${String(node.value)} is not available`, node.position);
  if (!(node.value instanceof RegExp)) return;
  const read = readPattern(node.value.source);
  if (read.ok) return;
  const message = `the pattern /${node.value.source}/ cannot be used: ${read.problem}`;
  throw refused(written, message, node.position, { mend: read.mend });
}

function refuseMisuse(written: Written, tree: SyntaxNode): void {
  const misuse = nameSecrets(tree);
  if (misuse) throw refused(written, misuse.problem, misuse.position);
}

function refused(
  { source, stands }: Written,
  reason: string,
  position = 0,
  { cause, mend = null }: { readonly cause?: unknown; readonly mend?: string | null } = {},
): StatebagError {
  const offset = stands.offset + position;
  return new StatebagError(
    'Expression.Failed',
    `${excerpt(source, stands.form)}: ${reason} (position ${position})`,
    { cause, details: mend === null ? { position, offset } : { position, offset, mend } },
  );
}

/**
 * The library throws plain objects: their words, whatever shape they have. Values that it met are named by
 * their kind unless they are to be shown: they are the state's, and a cause is read by more people than the
 * state is.
 */
export function describeJsonataError(
  error: unknown,
  showsValues = false,
): {
  readonly message: string;
  readonly position: number;
  readonly code: string;
  /** What it is about. */
  readonly token: string;
} {
  if (typeof error !== 'object' || error === null)
    return { message: String(error), position: 0, code: '', token: '' };
  const { message, position, code, token } = {
    message: 'no message',
    position: 0,
    code: '',
    token: '',
    ...error,
    ...(error instanceof Error ? { message: error.message } : {}),
  };
  const said = {
    message: String(message),
    position: Number(position),
    code: String(code),
    token: String(token),
  };
  if (said.code.startsWith('S')) return said;
  return { ...said, message: withValues(said.message, error, showsValues ? shortValue : kindOf) };
}

/** The members of its errors in which the library keeps what an expression met. */
const MET = ['value', 'value2', 'exp'] as const;

/** The longest first: 10 stands in 1000, too. */
function withValues(message: string, error: object, say: (value: unknown) => string): string {
  return MET.map((name): unknown => Reflect.get(error, name))
    .filter((value) => value !== undefined && typeof value !== 'function')
    .map((value) => ({ shown: JSON.stringify(value), said: `(${say(value)})` }))
    .sort((one, other) => other.shown.length - one.shown.length)
    .reduce((left, { shown, said }) => left.replaceAll(shown, said), message);
}

const SHOWN_BYTES = 200;

function shortValue(value: unknown): string {
  return shortened(JSON.stringify(value), SHOWN_BYTES);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'string' ? `a text of ${value.length} characters` : `a ${typeof value}`;
}

const LONGEST_EXCERPT = 80;

/** The expression, short enough for a message, in the brackets in which it stands. */
export function excerpt(source: string, form: Standing['form'] = 'whole'): string {
  const line = source.replaceAll(/\s+/g, ' ').trim();
  const short = line.length > LONGEST_EXCERPT ? `${line.slice(0, LONGEST_EXCERPT - 1)}…` : line;
  return form === 'whole' ? `{% ${short} %}` : `{{ ${short} }}`;
}
