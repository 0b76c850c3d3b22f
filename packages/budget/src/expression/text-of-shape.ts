import {
  bytesOf,
  escapedBytes,
  type Shape,
  type TextShape,
  WIDEST_CHARACTER,
  WIDEST_PRINTED,
} from '../shape/shape.ts';

/** Texts one after the other. */
export function joined(texts: readonly TextShape[]): TextShape {
  return {
    chars: texts.reduce((sum, { chars }) => sum + chars, 0),
    inner: texts.reduce((sum, { inner }) => sum + inner, 0),
    widest: Math.max(1, ...texts.map(({ widest }) => widest)),
    loose: texts.map(({ loose }) => loose).find((loose) => loose !== null) ?? null,
  };
}

/** A value as text: one that is none is written as JSON. */
export function textOfShape(shape: Shape): TextShape {
  const { plain, text, list, object, any } = shape;
  const json: Shape = { ...shape, text: null, plain: 0 };
  const isJson = list !== null || object !== null || any !== null;
  const bytes = isJson ? bytesOf(json) : 0;
  return {
    chars: Math.max(plain, text?.chars ?? 0, bytes),
    inner: Math.max(plain, text?.inner ?? 0, isJson ? escapedBytes(json) : 0),
    // what is of any kind may be a text itself
    widest: Math.max(1, text?.widest ?? 1, any ? WIDEST_CHARACTER : isJson ? WIDEST_PRINTED : 1),
    loose: text?.loose ?? list?.loose ?? any?.loose[0] ?? null,
  };
}
