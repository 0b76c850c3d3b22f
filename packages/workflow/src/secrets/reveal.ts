import { isJsonObject, isStatebagError, type Json, StatebagError } from '@statebag/contracts';
import { addressText } from '@statebag/contracts/address-text';
import type { Variables } from '../expressions/bounded-evaluation.ts';
import { type Hide, hiding } from './hidden-texts.ts';
import { type ReadSecret, referenceTo, secretVariables, textsIn } from './secret-references.ts';

/** A request, or a part of one, before its expressions are evaluated. */
export interface Unevaluated<Shown> {
  /** Names of the secrets that it needs. */
  readonly secrets: ReadonlySet<string>;
  readonly evaluate: (variables: Variables) => Promise<Shown>;
}

/** What is sent, and how to take the values out of whatever comes back. */
export interface Revealed<Shown> {
  readonly sent: Shown;
  readonly hide: Hide;
}

/** The request as the ledger and everybody else may see it: with references in the place of secrets. */
export function shownOf<Shown>({ secrets, evaluate }: Unevaluated<Shown>): Promise<Shown> {
  return evaluate(secretVariables(secrets, referenceTo));
}

/**
 * The request with the values of its secrets, in the moment of the call. @throws `Secret.NotFound`,
 * `Secret.Unavailable`
 */
export async function reveal<Shown extends Json>(
  { secrets, evaluate }: Unevaluated<Shown>,
  shown: Shown,
  read: ReadSecret,
): Promise<Revealed<Shown>> {
  if (secrets.size === 0) return { sent: shown, hide: (text) => text };
  const values = new Map<string, string>();
  for (const name of secrets) values.set(name, await read(name));
  const sent = await evaluate(secretVariables(secrets, (name) => values.get(name) ?? '')).catch(notShown);
  const seen = new Set(partsIn(shown));
  // A text that is made of a secret is one: `Basic …` shows none of its letters.
  const made = partsIn(sent).filter((text) => !seen.has(text));
  return { sent, hide: hiding([...values.values(), ...made]) };
}

/** What the evaluator says of a failure may hold the value. @throws without it */
function notShown(error: unknown): never {
  const code = isStatebagError(error) ? error.name : 'Expression.Failed';
  throw new StatebagError(code, 'an expression with a secret could not be evaluated with its value', {
    details: { end: 'not_sent' },
  });
}

/** Errors name addresses in part, as a client writes them, and cut where they are long. */
function partsIn(value: Json): readonly string[] {
  return textsIn(value).flatMap((text) => {
    const url = URL.parse(text);
    if (!url || !SCHEME.test(url.protocol)) return [text];
    const shown = addressText(text);
    const parts = `${text}/${url.href}/${url.hostname}`.split(/[/?&=#]+/);
    return [...parts.filter((part) => !SCHEME.test(part)), ...(shown.endsWith('…') ? [shown] : [])];
  });
}

const SCHEME = /^https?:$/;

/** A failure of the call, as everybody may see it. @throws without the values */
export function hiddenIn(hide: Hide): (error: unknown) => never {
  return (error) => {
    if (!isStatebagError(error)) throw error;
    const message = hide(error.message);
    if (message === error.message) throw error;
    throw new StatebagError(error.name, message, { details: error.details });
  };
}

/** An answer in JSON without the values. */
export function hiddenJson(value: Json, hide: Hide): Json {
  if (typeof value === 'string') return hide(value);
  if (typeof value === 'number') return hide(String(value)) === String(value) ? value : hide(String(value));
  if (Array.isArray(value)) return value.map((member) => hiddenJson(member, hide));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [hide(key), hiddenJson(member, hide)]),
  );
}

/** An address as messages may name it: readable, where its references would be escaped. */
export function withoutReferences(text: string): string {
  return text.replaceAll(/\{\{ \$secret\('[^']+'\) \}\}/g, '(secret)');
}
