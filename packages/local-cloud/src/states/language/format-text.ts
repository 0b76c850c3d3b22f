import { IntrinsicError } from '../states-error.ts';
import { isArray, isObject, type Json } from './json.ts';

/** Puts the values into the `{}` of the template. A backslash makes a brace stand for itself. */
export function formatText(template: string, values: readonly Json[]): string {
  let used = 0;
  const text = template.replace(/\\([{}\\'])|\{\}/g, (_, escaped: string | undefined) => escaped ?? show(values[used++]));
  if (used !== values.length) throw new IntrinsicError(`the template has ${used} places for ${values.length} values`);
  return text;
}

/** Text as it is, objects and lists the way Java prints its maps and lists. */
function show(value: Json | undefined): string {
  if (isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, member]) => `${key}=${show(member)}`)
      .join(', ')}}`;
  return String(value ?? null);
}
