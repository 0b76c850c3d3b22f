import { elementsOf } from '../expression/sequences.ts';
import { joined, textOfShape } from '../expression/text-of-shape.ts';
import {
  BOOLEAN,
  bytesOf,
  escapedBytes,
  joinAll,
  listOf,
  NUMBER,
  objectOf,
  present,
  type Shape,
  shapeOfValue,
  textOf,
  textShape,
  WIDEST_PRINTED,
} from '../shape/shape.ts';
import { type Sources, shapeAtPath, unknownAt } from './path-shape.ts';

/** What may stand behind a `.$` key: a path, or an intrinsic function with arguments of either kind. */
export function shapeOfField(text: string, sources: Sources): Shape {
  if (text.startsWith('$')) return present(shapeAtPath(text, sources));
  const call = parsedCall(text.trim());
  return call ? shapeOfCall(call, sources) : unknownAt(text, sources);
}

interface Call {
  readonly name: string;
  readonly args: readonly string[];
}

/** `States.Name(…)` with its arguments as texts; null where it is anything else. */
function parsedCall(text: string): Call | null {
  const [, name, inside] = /^States\.([A-Za-z0-9]+)\s*\((.*)\)$/s.exec(text) ?? [];
  return name === undefined || inside === undefined ? null : { name, args: argumentsIn(inside) };
}

/** Split at the commas that stand in no quotes, brackets or parentheses. */
function argumentsIn(text: string): readonly string[] {
  const found: string[] = [];
  let [depth, from] = [0, 0];
  for (const { 0: token, index } of text.matchAll(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[()[\],]/gs)) {
    if ('(['.includes(token)) depth += 1;
    else if (')]'.includes(token)) depth -= 1;
    else if (token === ',' && depth === 0) {
      found.push(text.slice(from, index).trim());
      from = index + 1;
    }
  }
  const last = text.slice(from).trim();
  return last === '' && found.length === 0 ? [] : [...found, last];
}

function argumentShape(text: string, sources: Sources): Shape {
  if (text.startsWith("'")) return shapeOfValue(text.slice(1, -1).replaceAll(/\\(.)/g, '$1'));
  if (text.startsWith('$')) return present(shapeAtPath(text, sources));
  const call = parsedCall(text);
  if (call) return shapeOfCall(call, sources);
  return text === 'true' || text === 'false' || text === 'null' ? shapeOfValue(JSON.parse(text)) : NUMBER;
}

function shapeOfCall({ name, args }: Call, sources: Sources): Shape {
  const rule = RULES[name];
  return rule
    ? rule(
        args.map((arg) => argumentShape(arg, sources)),
        args,
      )
    : unknownAt(`States.${name}`, sources);
}

type Rule = (shapes: readonly Shape[], texts: readonly string[]) => Shape;

const nothing = shapeOfValue(null);
const at = (shapes: readonly Shape[], index: number): Shape => shapes[index] ?? nothing;

/** Every place in the template takes one of the values. */
const format: Rule = (shapes) => textShape(joined(shapes.map(textOfShape)));

const array: Rule = (shapes) => {
  const cap = 2 + shapes.reduce((sum, each) => sum + bytesOf(each) + 1, 0);
  return listOf(shapes.length, joinAll(shapes), { cap });
};

const partition: Rule = (shapes) => {
  const { most, each } = elementsOf(at(shapes, 0));
  const cap = 3 * bytesOf(at(shapes, 0)) + 2;
  return listOf(most, listOf(most, each, { cap: bytesOf(at(shapes, 0)) }), { cap });
};

const range: Rule = (shapes, texts) => {
  const [from, to, step] = texts.map(Number);
  const known = [from, to, step].every((value) => Number.isFinite(value)) && step !== 0;
  const most = known
    ? Math.max(0, Math.floor((Number(to) - Number(from)) / Number(step)) + 1)
    : LONGEST_RANGE;
  return listOf(Math.min(most, LONGEST_RANGE), shapes.length === 0 ? NUMBER : joinAll([NUMBER, ...shapes]));
};

const LONGEST_RANGE = 1_000;

const merged: Rule = (shapes) => {
  const [left, right] = [at(shapes, 0), at(shapes, 1)];
  const members = new Map([...(left.object?.members ?? []), ...(right.object?.members ?? [])]);
  const others = right.object?.others ?? left.object?.others ?? null;
  const any = left.any ?? right.any;
  return { ...objectOf(members, { others }), any };
};

const split: Rule = (shapes) => {
  const given = textOfShape(at(shapes, 0));
  return listOf(given.chars + 1, textShape(given), {
    cap: given.inner + 3 * (given.chars + 1) + 2,
    loose: given.loose,
  });
};

const LONGEST_ENCODED = 10_000;

const RULES: Readonly<Record<string, Rule>> = {
  Format: format,
  Array: array,
  ArrayPartition: partition,
  ArrayContains: () => BOOLEAN,
  ArrayRange: range,
  ArrayGetItem: (shapes) => present(elementsOf(at(shapes, 0)).each),
  ArrayLength: () => NUMBER,
  ArrayUnique: (shapes) => at(shapes, 0),
  Base64Encode: (shapes) =>
    textOf(4 * Math.ceil((4 * Math.min(textOfShape(at(shapes, 0)).chars, LONGEST_ENCODED)) / 3), 1),
  Base64Decode: (shapes) => textOf(Math.min(textOfShape(at(shapes, 0)).chars, LONGEST_ENCODED)),
  Hash: () => textOf(128, 1),
  JsonMerge: merged,
  MathRandom: () => NUMBER,
  MathAdd: () => NUMBER,
  StringSplit: split,
  UUID: () => textOf(36, 1),
  JsonToString: (shapes) => {
    const chars = bytesOf(at(shapes, 0));
    const loose = at(shapes, 0).any?.loose[0] ?? null;
    return textShape({ chars, inner: escapedBytes(at(shapes, 0)), widest: WIDEST_PRINTED, loose });
  },
};
