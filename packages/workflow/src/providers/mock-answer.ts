import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';

/** A row of numbers that depends on a text alone. */
export type Chance = (below: number) => number;

/** Deterministic chance from a text: the same question gets the same answer on every machine. */
export function chanceFrom(text: string): Chance {
  let calls = 0;
  return (below) => {
    calls += 1;
    const digest = createHash('sha256').update(`${calls}:${text}`).digest();
    return digest.readUInt32BE(0) % Math.max(below, 1);
  };
}

/** Words of the prompt worth repeating: what a summary would be made of. */
export function sentencesOf(prompt: string): readonly string[] {
  const sentences = prompt
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length > 20 && sentence.length < 240);
  return sentences.length > 0 ? sentences : [prompt.trim().slice(0, 200)];
}

const OPENINGS = [
  'In short:',
  'Here is what matters:',
  'Based on what you gave me,',
  'To answer this:',
] as const;

/** Some sentences of the prompt in an order of their own, as an answer would quote them. */
export function prose(prompt: string, chance: Chance): string {
  const sentences = sentencesOf(prompt);
  const count = Math.min(sentences.length, 2 + chance(2));
  const from = chance(sentences.length);
  const quoted = Array.from({ length: count }, (_, index) => sentences[(from + index) % sentences.length]);
  return `${OPENINGS[chance(OPENINGS.length)] ?? ''} ${quoted.join(' ')}`.trim();
}

/** A value that obeys the schema: enough of JSON Schema for the answers one asks of a model. */
export function valueFor(schema: Json | undefined, prompt: string, chance: Chance): Json {
  if (!isJsonObject(schema)) return prose(prompt, chance);
  if ('const' in schema) return schema['const'] ?? null;
  if (Array.isArray(schema['enum'])) return chosen(schema['enum'], prompt, chance);
  const options = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(options)) return valueFor(options[0], prompt, chance);
  return BY_TYPE[typeOf(schema)]?.(schema, prompt, chance) ?? null;
}

type Make = (schema: JsonObject, prompt: string, chance: Chance) => Json;

const BY_TYPE: Readonly<Record<string, Make>> = {
  object: (schema, prompt, chance) => {
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    return Object.fromEntries(
      Object.entries(properties).map(([key, property]) => [key, valueFor(property, prompt, chance)]),
    );
  },
  array: (schema, prompt, chance) => {
    const least = numberIn(schema, 'minItems', 1);
    const most = numberIn(schema, 'maxItems', least + 2);
    return Array.from({ length: least + chance(most - least + 1) }, () =>
      valueFor(schema['items'], prompt, chance),
    );
  },
  integer: (schema, _prompt, chance) => {
    const least = Math.ceil(numberIn(schema, 'minimum', 0));
    return least + chance(Math.floor(numberIn(schema, 'maximum', least + 9)) - least + 1);
  },
  number: (schema, _prompt, chance) => {
    const least = numberIn(schema, 'minimum', 0);
    return least + ((numberIn(schema, 'maximum', least + 1) - least) * chance(101)) / 100;
  },
  boolean: (_schema, _prompt, chance) => chance(2) === 1,
  null: () => null,
  string: (schema, prompt, chance) => textOf(schema, prose(prompt, chance)),
};

function typeOf(schema: JsonObject): string {
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  if (typeof type === 'string') return type;
  return 'properties' in schema ? 'object' : 'string';
}

function textOf(schema: JsonObject, text: string): string {
  const cut = text.slice(0, numberIn(schema, 'maxLength', text.length));
  return cut.padEnd(numberIn(schema, 'minLength', 0), '.');
}

function numberIn(schema: JsonObject, key: string, otherwise: number): number {
  const value = schema[key];
  return typeof value === 'number' ? value : otherwise;
}

/**
 * A word that stands in the prompt wins, the one that stands there most often first; where none does, mostly
 * the last: lists end with the usual case.
 */
function chosen(words: readonly Json[], prompt: string, chance: Chance): Json {
  const text = prompt.toLowerCase();
  const counts = words.map((word) =>
    typeof word === 'string' && word.length > 2 ? text.split(word.toLowerCase()).length - 1 : 0,
  );
  const most = Math.max(...counts);
  if (most === 0 && chance(6) > 0) return words.at(-1) ?? null;
  const best = words.filter((_, index) => counts[index] === most);
  return best[chance(best.length)] ?? null;
}
