import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import type { Machine } from './definition.ts';
import type { Mend } from './rule.ts';

/**
 * The lines of a definition that a mend changes, as a diff of the state: `-` goes, `+` comes, and what
 * stays is
 * left out. With a state that is new every line comes. Lines of code follow.
 */
export function changedLines(mend: Mend, machine: Machine | undefined): string[] {
  const code = (mend.lines ?? []).map((line) => `+ ${line}`);
  if (mend.state === undefined || mend.set === undefined) return code;
  const before = machine?.sites.get(mend.state)?.state;
  const sign = before ? ' ' : '+';
  const fields = difference(before ?? {}, mended(before ?? {}, mend), '  ');
  return [`${sign} "${mend.state}": {`, ...fields, `${sign} }`, ...code];
}

/** The state with the mend in it. */
export function mended(state: JsonObject, { set = {}, remove = [] }: Mend): JsonObject {
  const kept = Object.entries(state).filter(([field]) => !remove.includes(field));
  return { ...Object.fromEntries(kept), ...set };
}

function difference(before: JsonObject, after: JsonObject, indent: string): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [old, young] = [before[name], after[name]];
    if (JSON.stringify(old) === JSON.stringify(young)) return [];
    if (isJsonObject(old) && isJsonObject(young))
      return [`  ${indent}"${name}": {`, ...difference(old, young, `${indent}  `), `  ${indent}},`];
    return [...memberLines('-', indent, name, old), ...memberLines('+', indent, name, young)];
  });
}

const WIDEST = 100;

function memberLines(sign: string, indent: string, name: string, value: Json | undefined): string[] {
  if (value === undefined) return [];
  const flat = `"${name}": ${JSON.stringify(value)},`;
  const text = flat.length <= WIDEST ? flat : `"${name}": ${JSON.stringify(value, null, 2)},`;
  return text.split('\n').map((line) => `${sign} ${indent}${line}`);
}
