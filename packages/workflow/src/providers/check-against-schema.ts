import { Validator } from '@cfworker/json-schema';
import type { Json, JsonObject } from '@statebag/contracts';
import { toJson } from '../expressions/to-json.ts';

type Checked = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly complaint: string };

const FENCED = /^\s*```(?:json)?\s*([\s\S]*?)\s*```\s*$/;

/** Reads a model's answer as JSON of the schema. The validator interprets: schemas come from workflows, so no code is made of them. */
export function checkAgainstSchema(text: string, schema: JsonObject): Checked {
  const parsed = parseAnswer(FENCED.exec(text)?.[1] ?? text);
  if (parsed === undefined) return { ok: false, complaint: 'it is not JSON' };
  const { valid, errors } = new Validator(schema, '2020-12', false).validate(parsed);
  if (valid) return { ok: true, value: toJson(parsed) };
  const worst = errors.at(-1);
  return { ok: false, complaint: `${worst?.instanceLocation ?? '#'}: ${worst?.error ?? 'does not fit'}` };
}

function parseAnswer(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the caller asks again and says so
  }
}
