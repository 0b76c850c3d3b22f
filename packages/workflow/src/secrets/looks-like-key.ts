/** What keys look like, and what they are. Parts between `{{ }}` are no literals and are left out before. */
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, 'an access key of AWS'],
  [/\bsk-[A-Za-z0-9_-]{16,}/, 'a key of a model provider'],
  [/\bAIza[0-9A-Za-z_-]{30,}/, 'a key of Google'],
  [/\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}/, 'a token of GitHub'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/, 'a token of Slack'],
  [/\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}/, 'a key of Stripe'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/, 'a signed token (JWT)'],
  [/\b(?:Bearer|Token)\s+[A-Za-z0-9._~+/=-]{16,}/i, 'a bearer token'],
  [/\bBasic\s+[A-Za-z0-9+/]{12,}={0,2}/i, 'a name and a password'],
  [/:\/\/[^/\s:@]+:[^/\s:@]+@/, 'an address with a password'],
  [
    /[?&](?:api[_-]?key|key|(?:access_|auth_)?token|secret|password|sig(?:nature)?)=[^&\s]{8,}/i,
    'an address with a key',
  ],
];

/** Long and without words: letters of both cases and digits, evenly mixed. */
const LONG_WORD = /(?<![A-Za-z0-9+_=-])[A-Za-z0-9+_=-]{32,256}(?![A-Za-z0-9+_=-])/g;
/** Bits a character; hexadecimal digits have at most 4, and hashes are no keys. */
const EVENLY_MIXED = 4.3;

/** What a literal of a document looks like, if it looks like a key; null otherwise. */
export function kindOfKey(text: string): string | null {
  const literal = text.replaceAll(/\{\{[\s\S]*?\}\}/g, '');
  const [, kind] = LOOKS.find(([look]) => look.test(literal)) ?? [];
  if (kind !== undefined) return kind;
  return (literal.match(LONG_WORD) ?? []).some(isEvenlyMixed) ? 'a key: long, and no words' : null;
}

function isEvenlyMixed(word: string): boolean {
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word) || !/[0-9]/.test(word)) return false;
  const counts = new Map<string, number>();
  for (const character of word) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits >= EVENLY_MIXED;
}
