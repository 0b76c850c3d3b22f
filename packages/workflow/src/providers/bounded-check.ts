import {
  isJsonObject,
  isStatebagError,
  type Json,
  type JsonObject,
  StatebagError,
} from '@statebag/contracts';
import type { LinearPattern } from '../patterns/linear-pattern.ts';
import { mayHavePatterns } from '../patterns/schema-patterns.ts';
import { type Checked, checkAgainstSchema } from './check-against-schema.ts';

/**
 * Checks an answer here where that is certain to be short, otherwise in a process of its own, which can be
 * ended: a schema may take exponential time, and its author is not who wrote the answer.
 * @throws `Expression.LimitExceeded`
 */
export async function checkBounded(text: string, schema: JsonObject, what = WHAT): Promise<Checked> {
  if (text.length > MOST_HERE.characters || !isHarmless(schema)) return checkApart(text, schema, what);
  try {
    return await checkWithin(MOST_HERE.checks, text, schema);
  } catch (error) {
    if (!isStatebagError(error) || error.name !== 'Expression.LimitExceeded') throw error;
    return checkApart(text, schema, what);
  }
}

const WHAT = 'checking the answer against response_schema';
/**
 * What is done in some milliseconds in this process: an answer, and how often one of its values meets a
 * schema.
 */
const MOST_HERE = { characters: 16_000, checks: 10_000 } as const;

/** Checks in this process, where a value meets a schema at most so many times. */
export async function checkWithin(most: number, text: string, schema: JsonObject): Promise<Checked> {
  let checks = 0;
  const onCheck = () => {
    checks += 1;
    if (checks > most) throw tooMuch(`it meets more than ${most} schemas`);
  };
  const patternOf = await patternsFor(schema);
  try {
    return checkAgainstSchema(text, schema, { patternOf, onCheck });
  } catch (error) {
    // the validator nests with the schema, and gathers complaints as arguments of one call
    if (error instanceof RangeError) throw tooMuch(error.message);
    throw error;
  }
}

async function checkApart(text: string, schema: JsonObject, what: string): Promise<Checked> {
  const { runApart } = await import('../apart/own-process.ts');
  return runApart<Checked>({ kind: 'schema', text, schema }, what);
}

/** In the other process its time is what counts. */
export function checkToTheEnd(text: string, schema: JsonObject): Promise<Checked> {
  return checkWithin(Number.POSITIVE_INFINITY, text, schema);
}

function tooMuch(reason: string): StatebagError {
  return new StatebagError('Expression.LimitExceeded', `${WHAT}: ${reason}`);
}

/** Formats that are checked by a fixed pattern without choices: the others backtrack. */
const QUICK_FORMATS: ReadonlySet<Json> = new Set(['date', 'date-time', 'time', 'uuid', 'ipv4']);

/** No keyword of it compares all with all, or searches with a pattern that is not ours. */
function isHarmless(schema: Json): boolean {
  if (Array.isArray(schema)) return schema.every(isHarmless);
  if (!isJsonObject(schema)) return true;
  const { format, uniqueItems, pattern, patternProperties } = schema;
  if (typeof format === 'string' && !QUICK_FORMATS.has(format)) return false;
  if (uniqueItems === true || pattern !== undefined || patternProperties !== undefined) return false;
  return Object.values(schema).every(isHarmless);
}

/** Patterns of a schema, compiled when first met. The engine is loaded where there is one. */
async function patternsFor(schema: JsonObject): Promise<(source: string) => LinearPattern> {
  if (!mayHavePatterns(schema)) return noPattern;
  const { linearPattern } = await import('../patterns/linear-pattern.ts');
  const compiled = new Map<string, LinearPattern>();
  return (source) => {
    const pattern = compiled.get(source) ?? linearPattern(source, { ignoreCase: false, multiline: false });
    compiled.set(source, pattern);
    return pattern;
  };
}

function noPattern(source: string): never {
  throw new StatebagError('Llm.OutputInvalid', `the pattern ${source} was not seen in response_schema`);
}
