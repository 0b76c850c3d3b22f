import type { Reader } from '../definition/reader.ts';
import { StatesError } from '../states-error.ts';
import { type Evaluate, required } from './expression.ts';
import type { Json } from './json.ts';
import type { Scope } from './path.ts';
import { type ReferencePath, ReferencePathError } from './reference-path.ts';

/**
 * How data runs through a state. This is the seam for query languages: a state asks it for the input of its work and for its output,
 * and knows nothing of paths and templates itself.
 */
export interface DataFlow {
  /** From the input of the state to what the state works on. `$` of the scope is the state's input. */
  readonly input: Evaluate;
  /** From that to the argument of the work. Undefined: the same. */
  readonly argument: Evaluate | undefined;
  /** From the result of the work to the output of the state. */
  output(result: Json, state: Scope): Json;
}

/** The fields of which a data flow is made; a type of state allows some of them. */
export type FlowField = 'InputPath' | 'OutputPath' | 'Parameters' | 'ResultSelector' | 'ResultPath';

/** Compiles the data flow of a JSONPath state. */
export function compileDataFlow(state: Reader): DataFlow {
  const input = readFilter(state, 'InputPath');
  const select = state.template('ResultSelector');
  const place = readPlace(state.referencePath('ResultPath'));
  const filter = readFilter(state, 'OutputPath');
  return {
    input: input ?? ((scope) => scope.input),
    argument: state.template('Parameters'),
    output(result, scope) {
      const context = (): Json => scope.context();
      const selected = select ? select({ input: result, context }) : result;
      const placed = place ? place(scope.input, selected) : selected;
      return filter ? filter({ input: placed, context }) : placed;
    },
  };
}

/** `null` lets nothing through, which the language writes as an empty object. */
function readFilter(state: Reader, field: 'InputPath' | 'OutputPath'): Evaluate | undefined {
  const path = state.nullablePath(field);
  if (path === null) return () => ({});
  return path === undefined || path.text === '$' ? undefined : required(path, field);
}

/** Undefined: the result takes the place of the input. */
function readPlace(path: ReferencePath | null | undefined): ((input: Json, result: Json) => Json) | undefined {
  if (path === null) return (input) => input;
  if (path === undefined || path.text === '$') return undefined;
  return (input, result) => {
    try {
      return path.write(input, result);
    } catch (error) {
      if (!(error instanceof ReferencePathError)) throw error;
      throw new StatesError('States.ResultPathMatchFailure', `Unable to apply ReferencePath ${path.text} to input ${JSON.stringify(input)}`);
    }
  };
}
