import { isJsonObject, type Json } from '@statebag/contracts';
import { UsageError } from '../exit.ts';

/**
 * The part of a value at a dotted path such as `tickets.0.answer`. @throws UsageError naming what is there
 * instead
 */
export function valueAt(value: Json, path: string): Json {
  let at = value;
  const walked: string[] = [];
  for (const step of path.split('.')) {
    const next = memberOf(at, step);
    if (next === undefined)
      throw new UsageError(
        `--path ${path}: there is no ${JSON.stringify(step)} at ${walked.join('.') || 'the top'}; there is ${namesIn(at)}`,
      );
    walked.push(step);
    at = next;
  }
  return at;
}

function memberOf(value: Json, step: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(step) ? value[Number(step)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

const MOST_NAMES = 20;

function namesIn(value: Json): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const names = Object.keys(value);
  return names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;
}
