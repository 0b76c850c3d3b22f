import type { Json, JsonObject } from '../src/language/json.ts';
import type { Scope } from '../src/language/path.ts';

/** What a field sees, without an engine: no JSONata is evaluated. */
export function scopeOf(
  input: Json,
  { context = {}, variables = {} }: { context?: Json; variables?: JsonObject } = {},
): Scope {
  const evaluate = (): never => {
    throw new Error('nothing here is JSONata');
  };
  return { input, variables, context: () => context, expressions: { evaluate, close: () => {} } };
}
