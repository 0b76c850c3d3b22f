import type { Reader } from '../definition/reader.ts';
import { compileExpression, type Evaluate } from '../language/expression.ts';
import { StateRuntimeError, StatesError } from '../states-error.ts';
import type { StateKind } from './state-kinds.ts';

/** Ends its program with an error. */
export const FAIL: StateKind = {
  fields: ['Error', 'ErrorPath', 'Cause', 'CausePath'],
  flow: [],
  moves: false,
  recovers: false,
  compile(state) {
    const error = compileText(state, 'Error');
    const cause = compileText(state, 'Cause');
    return {
      enter(frame) {
        throw new StatesError(error?.(frame), cause?.(frame));
      },
    };
  },
};

/** The constant of a field, or what its path or intrinsic function gives. Undefined: neither is there. */
function compileText(state: Reader, field: 'Error' | 'Cause'): ((scope: Parameters<Evaluate>[0]) => string) | undefined {
  const pathField = `${field}Path`;
  state.exclusive(field, pathField);
  const constant = state.text(field);
  const source = state.text(pathField);
  if (source === undefined) return constant === undefined ? undefined : () => constant;
  const evaluate = state.compiled(pathField, () => compileExpression(source, pathField));
  return (scope) => {
    const value = evaluate?.(scope);
    if (typeof value === 'string') return value;
    throw new StateRuntimeError(`The ${pathField} field refers to value ${JSON.stringify(value)} which is not a string: ${source}`);
  };
}
