import { engine, Validator } from '@cfworker/json-schema';
import type { Json, JsonObject } from '@statebag/contracts';
import { jsonInText } from '../answers/json-in-text.ts';
import { toJson } from '../expressions/to-json.ts';
import type { LinearPattern } from '../patterns/linear-pattern.ts';

export type Checked =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly complaint: string };

/** What the validator asks us for. */
interface Checking {
  readonly patternOf: (source: string) => LinearPattern;
  /** Told of each schema that a value meets; throws to end the check. */
  readonly onCheck: () => void;
}

/**
 * Reads a model's answer as JSON of the schema. The validator interprets: schemas come from workflows, so no
 * code is made of them, and their patterns are ours to search for.
 */
export function checkAgainstSchema(
  text: string,
  schema: JsonObject,
  { patternOf, onCheck }: Checking,
): Checked {
  const read = jsonInText(text);
  if (!read.ok) return read;
  const parsed = read.value;
  Object.assign(engine, { compile: patternOf, onCheck }); // nothing else validates before this has ended
  const { valid, errors } = new Validator(schema, '2020-12', false).validate(parsed);
  if (valid) return { ok: true, value: toJson(parsed) };
  const worst = errors.at(-1);
  return { ok: false, complaint: `${worst?.instanceLocation ?? '#'}: ${worst?.error ?? 'does not fit'}` };
}
