import type { HttpAnswer } from '../http/http-client.ts';

/** Takes secrets out of a text. */
export type Hide = (text: string) => string;

/** Shorter parts would be found by chance, and say too little to be looked for. */
const SHORTEST = 4;
const HIDDEN = '(secret)';

/**
 * Services repeat what they were sent, in answers and in refusals: this takes it out again, as it was sent
 * and in the forms it takes on the way (in JSON, twice in JSON, in an address, in base64).
 */
export function hiding(secrets: readonly string[]): Hide {
  const forms = new Set(secrets.flatMap(formsOf).filter((form) => form.length >= SHORTEST));
  // The longest first: a part of it that went before would leave the rest to be seen.
  const ordered = [...forms].sort((left, right) => right.length - left.length);
  return (text) => ordered.reduce((left, form) => left.replaceAll(form, HIDDEN), text);
}

export function hiddenAnswer(answer: HttpAnswer, hide: Hide): HttpAnswer {
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, hide(value)]);
  return { ...answer, headers: Object.fromEntries(headers), text: hide(answer.text) };
}

function formsOf(secret: string): readonly string[] {
  const once = inJson(secret);
  const base64 = inBase64(secret);
  return [
    ...[secret, once, inJson(once), encodeURIComponent(secret)],
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The characters of base64 that depend on the secret alone, wherever it begins in the bytes around it. */
function inBase64(secret: string): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
    const end = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), end);
  });
}
