import type { MapItem } from '../definition/program.ts';
import type { Reader } from '../definition/reader.ts';
import { required } from '../language/expression.ts';
import { isArray, type Json } from '../language/json.ts';
import type { Path } from '../language/path.ts';
import { contextOf } from '../run/context.ts';
import type { Frame } from '../run/frame.ts';
import { StateRuntimeError } from '../states-error.ts';

/** Which items a Map works on, what an iteration gets of each, and how many run at once. */
export interface ItemSource {
  /** The items in the state's own input. */
  items(frame: Frame): readonly Json[];
  /** The input of the iteration for an item. */
  select(frame: Frame, item: MapItem): Json;
  /** 0: as many as there are. */
  maxConcurrency(frame: Frame): number;
}

/** Compiles ItemsPath, ItemSelector (or its old name, Parameters) and MaxConcurrency. */
export function compileItemSource(state: Reader): ItemSource {
  const itemsPath = state.path('ItemsPath');
  const selector = state.template('ItemSelector') ?? state.template('Parameters');
  const maxConcurrency = compileInteger(state, 'MaxConcurrency');
  return {
    items: (frame) => itemsAt(frame, itemsPath),
    select(frame, item) {
      return selector ? selector({ input: frame.effectiveInput(), context: () => contextOf(frame, { item }) }) : item.value;
    },
    maxConcurrency: (frame) => maxConcurrency(frame) ?? 0,
  };
}

function itemsAt(frame: Frame, path: Path | undefined): readonly Json[] {
  const input = frame.effectiveInput();
  const items = path ? required(path, 'ItemsPath')({ input, context: () => frame.context() }) : input;
  if (isArray(items)) return items;
  throw new StateRuntimeError(`Reference path "${path?.text ?? '$'}" must point to array.`);
}

/** A number that is written down, or one that `<field>Path` points to; a numeric string will do there. */
export function compileNumber(state: Reader, field: string, { whole, most }: { whole: boolean; most?: number }): (frame: Frame) => number | undefined {
  const bounds = most === undefined ? {} : { most };
  const constant = whole ? state.integer(field, bounds) : state.number(field, bounds);
  state.exclusive(field, `${field}Path`);
  const path = state.path(`${field}Path`);
  if (!path) return () => constant;
  const read = required(path, `${field}Path`);
  return (frame) => {
    const value = read({ input: frame.effectiveInput(), context: () => frame.context() });
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number) && (!whole || Number.isInteger(number))) return number;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw new StateRuntimeError(`The ${field}Path field refers to value "${shown}" which is not a valid ${whole ? 'integer' : 'float'}: ${path.text}`);
  };
}

const compileInteger = (state: Reader, field: string): ((frame: Frame) => number | undefined) => {
  const read = compileNumber(state, field, { whole: true });
  return (frame) => {
    const value = read(frame);
    if (value !== undefined && value < 0) throw new StateRuntimeError(`${field} cannot be negative.`);
    return value;
  };
};
