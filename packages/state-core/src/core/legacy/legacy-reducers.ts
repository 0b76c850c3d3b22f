import type { ReducerName } from '@statebag/contracts/statuses';

const ENDINGS = ['_results', '_items', '_outputs'];
const BEGINNINGS = ['collected_', 'aggregated_'];

/** Fields whose lists the first generation joins by their name alone. */
export function isJoinedByName(field: string): boolean {
  return (
    ENDINGS.some((ending) => field.endsWith(ending)) ||
    BEGINNINGS.some((beginning) => field.startsWith(beginning))
  );
}

/**
 * What the join of a group does with the fields its branches write: as the workflow says, else as the name
 * does. A field of neither is replaced.
 */
export function legacyReducers(
  fields: readonly string[],
  declared: { readonly [field: string]: ReducerName },
): { readonly [field: string]: ReducerName } {
  return Object.fromEntries(
    fields.flatMap((field): [string, ReducerName][] => {
      const reducer = Object.hasOwn(declared, field) ? declared[field] : undefined;
      return reducer ? [[field, reducer]] : isJoinedByName(field) ? [[field, 'append']] : [];
    }),
  );
}
