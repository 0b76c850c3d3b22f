import { compileNumber, fieldError, type MapItem, type StateScope } from '../language/data-flow.ts';
import { required } from '../language/expression.ts';
import { isArray, type Json } from '../language/json.ts';
import { expectType, expressionIn } from '../language/jsonata.ts';
import type { Reader } from '../language/reader.ts';
import { QueryError, StateRuntimeError } from '../language/states-error.ts';
import type { MapInspection } from '../program/map-run.ts';

/** Which items a Map works on, what an iteration gets of each, and how many run at once. */
export interface ItemSource {
  /** Whether the items are to be kept: to find them again would take an evaluation, which may find others. */
  readonly kept: boolean;
  /** The items in the state's own input. */
  items(work: StateScope): readonly Json[];
  /** The input of the iteration for an item. */
  select(work: StateScope, item: MapItem): Json;
  /** 0: as many as there are. */
  maxConcurrency(work: StateScope): number;
  /** The items and the inputs of their iterations, for who tests the state. */
  inspect(work: StateScope, items: readonly Json[]): MapInspection & { readonly inputs: readonly Json[] };
}

/** Compiles Items or ItemsPath, ItemSelector (or its old name, Parameters) and MaxConcurrency. */
export function compileItemSource(state: Reader): ItemSource {
  const selector =
    state.payload({ JSONPath: 'ItemSelector', JSONata: 'ItemSelector' }) ??
    (state.language === 'JSONPath' ? state.template('Parameters') : undefined);
  const maxConcurrency = compileNumber(state, 'MaxConcurrency', { whole: true });
  const select: ItemSource['select'] = (work, item) =>
    selector ? selector(work.scope({ item })) : item.value;
  return {
    kept: state.language === 'JSONata',
    items: state.language === 'JSONata' ? compileQueriedItems(state) : compileItemsAtPath(state),
    select,
    inspect(work, items) {
      const inputs = items.map((value, index) => select(work, { index, value }));
      return {
        ...{ items, inputs, maxConcurrency: this.maxConcurrency(work) },
        ...(state.language === 'JSONPath' ? { afterItemsPath: items } : {}),
        ...(selector ? { afterItemSelector: inputs } : {}),
      };
    },
    maxConcurrency(work) {
      const value = maxConcurrency(work);
      if (value !== undefined && value < 0)
        throw fieldError(state, 'MaxConcurrency', 'MaxConcurrency cannot be negative.');
      return value ?? 0;
    },
  };
}

function compileItemsAtPath(state: Reader): ItemSource['items'] {
  const path = state.path('ItemsPath');
  const read = path && required(path, 'ItemsPath');
  return (work) => {
    const items = read ? read(work.scope()) : work.effectiveInput();
    if (isArray(items)) return items;
    throw new StateRuntimeError(`Reference path "${path?.text ?? '$'}" must point to array.`);
  };
}

function compileQueriedItems(state: Reader): ItemSource['items'] {
  const value = state.value('Items');
  const source = expressionIn(value);
  if (value !== undefined && source === undefined && !isArray(value))
    state.report('Expected a list or a JSONata expression', { field: 'Items' });
  const query = state.query('Items');
  const field = { expected: 'array', location: state.placeOf('Items'), source };
  return (work) => {
    if (query) return expectType(query(work.scope()), field, isArray);
    const input = work.effectiveInput();
    if (isArray(input)) return input;
    throw new QueryError(`Map state input must be an array but was: ${JSON.stringify(input)}`, 'Items');
  };
}
