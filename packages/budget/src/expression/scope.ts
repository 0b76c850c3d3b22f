import { anything, type LooseEnd, type Shape } from '../shape/shape.ts';

/** What an expression sees: the state, the value that is looked at, and variables. */
export interface Scope {
  /** `$$`. */
  readonly root: Shape;
  /** `$`. */
  readonly here: Shape;
  readonly variables: ReadonlyMap<string, Shape>;
  /** Whose expression it is, for what cannot be bounded. */
  readonly of: string;
}

/** Something whose result cannot be told from its arguments. */
export function unknown({ of }: Scope, what: string): Shape {
  return anything([unboundedBy(of, what)]);
}

export function unboundedBy(of: string, what: string): LooseEnd {
  return {
    of,
    at: what,
    keyword: null,
    mend: 'declare the field that takes it in `state.schema`, with `maxLength`, `maxItems` and `additionalProperties: false`',
  };
}

export const looking = (scope: Scope, here: Shape): Scope => ({ ...scope, here });

export const knowing = (scope: Scope, more: Iterable<readonly [string, Shape]>): Scope => ({
  ...scope,
  variables: new Map([...scope.variables, ...more]),
});
