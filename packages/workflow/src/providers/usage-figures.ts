import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';

/** Under which key each API says what an answer took. */
const USAGE_KEYS = ['usage', 'usageMetadata'] as const;
/** A number that is no count, so that `checkedAnswer` sees it. */
const NO_COUNT = -1;

/**
 * A `fetch` whose answers have numbers as figures: the SDK throws a whole answer away, which was paid for,
 * where a figure in it is a text or larger than any number.
 */
export function withFigures(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!response.ok || response.body === null) return response;
    const { status, headers } = response;
    return new Response(figuresMended(await response.text()), { status, headers });
  };
}

function figuresMended(text: string): string {
  let answer: Json;
  try {
    answer = JSON.parse(text);
  } catch {
    return text; // the SDK says that it is no JSON
  }
  if (!isJsonObject(answer)) return text;
  const mended: Record<string, Json> = { ...answer };
  for (const key of USAGE_KEYS) {
    const usage = answer[key];
    if (isJsonObject(usage)) mended[key] = numbersOnly(usage);
  }
  return USAGE_KEYS.some((key) => mended[key] !== answer[key]) ? JSON.stringify(mended) : text;
}

/** The same object where nothing is wrong. */
function numbersOnly(usage: JsonObject): JsonObject {
  const entries = Object.entries(usage).map(([key, value]) => [key, figure(key, value)] as const);
  return entries.some(([key, value]) => value !== usage[key]) ? Object.fromEntries(entries) : usage;
}

function figure(key: string, value: Json): Json {
  if (isJsonObject(value)) return numbersOnly(value);
  if (!/tokens?(?:count)?$/i.test(key) || value === null) return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : NO_COUNT;
}
