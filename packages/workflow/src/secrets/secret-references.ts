import { isJsonObject, type Json, StatebagError } from '@statebag/contracts';
import { SECRET_VARIABLE } from '../expressions/name-secrets.ts';
import { expressionsOf, type ParsedText, parseText } from '../expressions/parse-text.ts';

/** Names of the secrets that a text needs. */
export function secretsOfText(parsed: ParsedText): readonly string[] {
  return expressionsOf(parsed)
    .flatMap(({ variables }) => [...variables])
    .filter((name) => name.startsWith(SECRET_VARIABLE))
    .map((name) => name.slice(SECRET_VARIABLE.length));
}

/** Names of the secrets that a part of a config needs. */
export function secretsIn(value: Json): ReadonlySet<string> {
  if (typeof value === 'string')
    return new Set(value.includes('$secret') ? secretsOfText(parseText(value)) : []);
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(Object.values(value).flatMap((member) => [...secretsIn(member)]));
}

/** The variables that let expressions see each secret as what `say` gives for it. */
export function secretVariables(
  names: Iterable<string>,
  say: (name: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries([...names].map((name) => [SECRET_VARIABLE + name, say(name)]));
}

/** What stands for a secret wherever it may be seen: in the ledger's key, and in answers that repeat it. */
export function referenceTo(name: string): string {
  return `{{ $secret('${name}') }}`;
}

/** Gives the value of a secret, in the moment of a call. @throws `Secret.NotFound`, `Secret.Unavailable` */
export type ReadSecret = (name: string) => Promise<string>;

/** For deployments that have none. */
export const noSecrets: ReadSecret = async (name) => {
  throw new StatebagError('Secret.NotFound', `this deployment has no secrets, and so no ${name}`, {
    details: { end: 'not_sent' },
  });
};

/** All texts of a value, with its keys left out. */
export function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}
