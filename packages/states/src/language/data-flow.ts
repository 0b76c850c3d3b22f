import { type Evaluate, required } from './expression.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { expectType, expressionIn, type Findings } from './jsonata.ts';
import { type ReferencePath, ReferencePathError, type Scope } from './path.ts';
import { sourceText } from './payload.ts';
import type { Language, Reader } from './reader.ts';
import { QueryError, StateRuntimeError, StatesError } from './states-error.ts';

/**
 * How data runs through a state. This is the seam for query languages: a state asks it for the input of its
 * work and for its output, and knows nothing of paths, templates and expressions itself.
 */
export interface DataFlow {
  /** From the input of the state to what the state works on. `$` of the scope is the state's input. */
  readonly input: Evaluate;
  /** From that to the argument of the work. Undefined: the same. */
  readonly argument: Evaluate | undefined;
  /** From the result of the work to the output of the state, and to the variables that it assigns. */
  readonly conclude: Conclude;
  /**
   * What the fields of a JSONPath state make of an input and a result, one after the other, for who tests it.
   */
  readonly stages?: (scope: Scope, result: Json | undefined) => Stages;
}

/** The data of a JSONPath state on its way. */
export interface Stages {
  readonly afterInputPath: Json;
  readonly afterResultSelector?: Json;
  readonly afterResultPath?: Json;
}

/** What a state hands on: an output, and values of variables. */
export interface Conclusion {
  readonly output: Json;
  readonly assigned: JsonObject | undefined;
}

/**
 * `findings` says what the result is called: that of the work, the error of a catcher, or nothing new.
 * `instead`
 * assigns in place of the state's own Assign.
 */
export type Conclude = (
  result: Json,
  state: Scope,
  findings?: Findings,
  instead?: { readonly assign: Assign | undefined },
) => Conclusion;

/** Gives the values of variables. */
export type Assign = (result: Json, scope: Scope, findings?: Findings) => JsonObject | undefined;

/** Compiles the data flow of a state. */
export function compileDataFlow(state: Reader): DataFlow {
  return state.language === 'JSONata' ? queryFlow(state) : pathFlow(state);
}

function pathFlow(state: Reader): DataFlow {
  const input = readFilter(state, 'InputPath');
  const select = state.template('ResultSelector');
  const place = readPlace(state.referencePath('ResultPath'));
  const filter = readFilter(state, 'OutputPath');
  const own = compileAssign(state);
  return {
    input: input ?? ((scope) => scope.input),
    argument: state.template('Parameters'),
    conclude(result, scope, _, { assign } = { assign: own }) {
      const selected = select ? select(withInput(scope, result)) : result;
      const assigned = assign?.(selected, scope);
      const placed = place ? place(scope.input, selected) : selected;
      return { output: filter ? filter(withInput(scope, placed)) : placed, assigned };
    },
    stages(scope, result) {
      const afterInputPath = input ? input(scope) : scope.input;
      if (result === undefined) return { afterInputPath };
      const selected = select ? select(withInput(scope, result)) : result;
      const afterResultPath = place ? place(scope.input, selected) : selected;
      return { afterInputPath, afterResultSelector: selected, afterResultPath };
    },
  };
}

const HAVE_RESULTS: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);

function queryFlow(state: Reader): DataFlow {
  return {
    input: (scope) => scope.input,
    argument: state.query('Arguments'),
    conclude: compileConclusion(state, HAVE_RESULTS.has(String(state.raw['Type'])) ? 'result' : undefined),
  };
}

/** Output and Assign of a JSONata state, catcher or rule. Without Output the result is handed on as it is. */
export function compileConclusion(holder: Reader, offered?: keyof Findings): Conclude {
  const output = holder.query('Output', offered);
  const assign = compileAssign(holder, offered);
  return (result, scope, findings = { result }) => ({
    output: output ? output(scope, findings) : result,
    assigned: assign?.(result, scope, findings),
  });
}

/** Compiles Assign. In a JSONPath state `$` is the result there. Undefined: nothing is assigned. */
export function compileAssign(holder: Reader, offered?: keyof Findings): Assign | undefined {
  const assign = holder.object('Assign');
  if (!assign) return undefined;
  for (const field of Object.keys(assign.raw)) checkVariableName(assign, field);
  const evaluate =
    holder.language === 'JSONata' ? holder.query('Assign', offered) : holder.template('Assign');
  return (result, scope, findings) => {
    const values =
      holder.language === 'JSONata' ? evaluate?.(scope, findings) : evaluate?.(withInput(scope, result));
    return isObject(values) ? values : undefined;
  };
}

const LONGEST_NAME = 80;
const VARIABLE_NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

/** The name that a member of Assign gives a value to. */
export function assignedName(field: string, language: Language): string {
  return language === 'JSONPath' && field.endsWith('.$') ? field.slice(0, -2) : field;
}

function checkVariableName(assign: Reader, field: string): void {
  const name = assignedName(field, assign.language);
  if (name === 'states') assign.report("Variable name 'states' is reserved", { field });
  else if (!VARIABLE_NAME.test(name) || name.length > LONGEST_NAME)
    assign.report(`Invalid variable name '${name}'`, { field });
}

/** The same scope with another `$`. */
export function withInput(scope: Scope, input: Json): Scope {
  const { variables, expressions } = scope;
  return { input, variables, expressions, context: () => scope.context() };
}

/** `null` lets nothing through, which the language writes as an empty object. */
function readFilter(state: Reader, field: 'InputPath' | 'OutputPath'): Evaluate | undefined {
  const path = state.nullablePath(field);
  if (path === null) return () => ({});
  if (path === undefined || path.text === '$') return undefined;
  return (scope) => {
    const value = path.read(scope);
    if (value === undefined) throw new StateRuntimeError(path.problem(scope));
    return value;
  };
}

/** Compiles where a ResultPath puts a result. Undefined: the result takes the place of the input. */
export function readPlace(
  path: ReferencePath | null | undefined,
): ((input: Json, result: Json) => Json) | undefined {
  if (path === null) return (input) => input;
  if (path === undefined || path.text === '$') return undefined;
  return (input, result) => {
    try {
      return path.write(input, result);
    } catch (error) {
      if (!(error instanceof ReferencePathError)) throw error;
      throw new StatesError(
        'States.ResultPathMatchFailure',
        `Unable to apply ReferencePath ${path.text} to input ${sourceText(input)}`,
      );
    }
  };
}

/** The item that an iteration of a Map works on. */
export interface MapItem {
  readonly index: number;
  readonly value: Json;
}

/** A state at work, as the fields of its definition see it. */
export interface StateScope {
  /** Evaluates InputPath. */
  effectiveInput(): Json;
  /** The context object that `$$` stands for. `extra` is what only one place of the state sees. */
  context(extra?: ContextExtra): Json;
  /** What the fields around the work see: the effective input, variables and context. */
  scope(extra?: ContextExtra): Scope;
}

export interface ContextExtra {
  readonly token?: string | undefined;
  readonly item?: MapItem | undefined;
}

/** A number that is written down, or one that `<field>Path` points to; a numeric string will do there. */
export function compileNumber(
  state: Reader,
  field: string,
  bounds: { readonly whole: boolean; readonly least?: number; readonly most?: number },
): (work: StateScope) => number | undefined {
  const source = state.language === 'JSONata' ? expressionIn(state.value(field)) : undefined;
  if (source !== undefined) return compileQueriedNumber(state, { field, source }, bounds.whole);
  const { whole, most } = bounds;
  const limits = most === undefined ? {} : { most };
  const constant = whole ? state.integer(field, limits) : state.number(field, limits);
  const path = state.path(`${field}Path`);
  if (!path) return () => constant;
  // Only ItemsPath may lead into the context object.
  if (path.text.startsWith('$$')) state.report('Value is not a Reference Path', { field: `${field}Path` });
  const read = required(path, `${field}Path`);
  return (work) => {
    const value = read(work.scope());
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number) && (!whole || Number.isInteger(number)))
      return number;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw new StateRuntimeError(
      `The ${field}Path field refers to value "${shown}" which is not a valid ${whole ? 'integer' : 'float'}: ${path.text}`,
    );
  };
}

const isNumber = (value: Json): value is number => typeof value === 'number';
const isWhole = (value: Json): value is number => typeof value === 'number' && Number.isInteger(value);

function compileQueriedNumber(
  state: Reader,
  { field, source }: { field: string; source: string },
  whole: boolean,
): (work: StateScope) => number | undefined {
  const query = state.query(field);
  const location = state.placeOf(field);
  return (work) => {
    if (!query) return undefined;
    const expected = whole ? 'integer' : 'number';
    return expectType(query(work.scope()), { expected, location, source }, whole ? isWhole : isNumber);
  };
}

/** A failure of a field that a state of either language evaluates: each has its own kind. */
export function fieldError(state: Reader, field: string, message: string): Error {
  return state.language === 'JSONata'
    ? new QueryError(message, state.placeOf(field))
    : new StateRuntimeError(message);
}
