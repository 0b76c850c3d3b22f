/** A regular expression in the words of RE2, or why a search for it could not be kept short. */
export type ReadPattern =
  | { readonly ok: true; readonly source: string }
  | { readonly ok: false; readonly problem: string; readonly mend: string };

/** What a literal in an expression may ask for behind its last slash: `i` and `m`. */
export interface PatternFlags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
}

/** RE2 counts to this, nested counts multiplied. */
const MOST_REPEATS = 1_000;
/** Groups in groups: the reader below and RE2 itself recurse. */
const DEEPEST = 200;

/**
 * Translates a pattern as JavaScript writes it, with or without flag `u`. What a name or a class means stays
 * what it means in JavaScript (`.`, `\s`, `\d`, `\b`); only the way of searching is another.
 */
export function readPattern(source: string): ReadPattern {
  if (!isPattern(source, 'u') && !isPattern(source, ''))
    return { ok: false, problem: 'it is no regular expression', mend: 'correct the pattern' };
  try {
    return { ok: true, source: readAlternatives({ source, at: 0 }, 0).text };
  } catch (error) {
    if (error instanceof Untranslatable) return { ok: false, problem: error.message, mend: error.mend };
    throw error;
  }
}

function isPattern(source: string, flags: string): boolean {
  try {
    new RegExp(source, flags);
    return true;
  } catch {
    return false; // that is the answer; reading a pattern runs nothing
  }
}

/** What would take more than one walk over the text. */
class Untranslatable extends Error {
  readonly mend: string;

  constructor(problem: string, mend: string) {
    super(problem);
    this.mend = mend;
  }
}

interface Reader {
  readonly source: string;
  at: number;
}

/** A translated part, and how often the parts in it are repeated at most. */
interface Part {
  readonly text: string;
  readonly repeats: number;
}

function readAlternatives(reader: Reader, depth: number): Part {
  if (depth > DEEPEST) throw new Untranslatable(`its groups are nested deeper than ${DEEPEST}`, 'split it');
  let text = '';
  let repeats = 1;
  while (reader.at < reader.source.length && !reader.source.startsWith(')', reader.at)) {
    if (take(reader, /\|/y)) text += '|';
    else {
      const part = readRepeated(reader, depth);
      text += part.text;
      repeats = Math.max(repeats, part.repeats);
    }
  }
  return { text, repeats };
}

const QUANTIFIER = /([*+?]|\{(\d+)(?:(,)(\d*))?\})(\??)/y;

function readRepeated(reader: Reader, depth: number): Part {
  const { text, repeats } = readAtom(reader, depth);
  const quantifier = take(reader, QUANTIFIER);
  if (!quantifier) return { text, repeats };
  const [whole, , least, , most] = quantifier;
  const counted = Math.max(Number(least ?? 1), Number(most ?? 0), 1);
  const all = repeats * counted;
  if (all > MOST_REPEATS)
    throw new Untranslatable(
      `it repeats something ${all} times`,
      `repeat at most ${MOST_REPEATS} times, repetitions in repetitions multiplied`,
    );
  return { text: text + whole, repeats: all };
}

function readAtom(reader: Reader, depth: number): Part {
  if (reader.source[reader.at] === '(') return readGroup(reader, depth);
  if (reader.source[reader.at] === '[') return one(readClass(reader));
  if (reader.source[reader.at] === '\\') return one(readEscape(reader));
  if (take(reader, /\./y)) return one(NO_LINE_END);
  const sign = take(reader, /[$^]/y);
  return one(sign ? sign[0] : literal(readCharacter(reader)));
}

function one(text: string): Part {
  return { text, repeats: 1 };
}

const GROUPS_INSTEAD = 'match what stands around it too, and take what is wanted from a group';

/** Names of groups are dropped: nothing can refer to them, and results are told by number. */
function readGroup(reader: Reader, depth: number): Part {
  if (take(reader, /\(\?<?[=!]/y)) throw new Untranslatable('it looks ahead or behind', GROUPS_INSTEAD);
  const open = take(reader, /\(\?:|\(\?<[^>]*>|\((?!\?)/y);
  if (!open) throw new Untranslatable('it changes flags on its way', 'put flags behind the pattern');
  const { text, repeats } = readAlternatives(reader, depth + 1);
  reader.at += 1; // the parenthesis that closes it
  return { text: `${open[0] === '(?:' ? '(?:' : '('}${text})`, repeats };
}

/** Ranges of code points, as they stand in a class. */
const SPACE =
  '\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const NO_SPACE =
  '\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}' +
  '\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';
const NO_LINE_END = '[^\\n\\r\\x{2028}\\x{2029}]';
const ANYTHING = '\\x{0}-\\x{10ffff}';

function readEscape(reader: Reader): string {
  const boundary = take(reader, /\\[bB]/y);
  if (boundary) return boundary[0];
  if (take(reader, /\\s/y)) return `[${SPACE}]`;
  if (take(reader, /\\S/y)) return `[${NO_SPACE}]`;
  return readSet(reader) ?? literal(readCharacter(reader));
}

/** `\d`, `\w`, `\p{…}`: what stands for several characters and means the same in both languages. */
function readSet(reader: Reader): string | null {
  const set = take(reader, /\\[dDwW]/y);
  if (set) return set[0];
  const property = take(reader, /\\([pP])\{([^}]*)\}/y);
  if (!property) return null;
  const [, letter = '', named = ''] = property;
  const name = /^(?:(?:Script|sc|General_Category|gc)=)?(\w+)$/.exec(named)?.[1];
  if (
    name === undefined ||
    !(GENERAL_CATEGORY.test(name) || named.startsWith('Sc') || named.startsWith('sc'))
  )
    throw new Untranslatable(`it names the property ${named}`, 'use a category (L, Lu) or Script=…');
  return `\\${letter}{${name}}`;
}

const GENERAL_CATEGORY = /^(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cf])$/;

/** A class, its members translated one by one. */
function readClass(reader: Reader): string {
  const open = take(reader, /\[\^?/y)?.[0] ?? '';
  let members = '';
  while (reader.source[reader.at] !== ']') members += readMember(reader);
  reader.at += 1;
  if (members !== '') return `${open}${members}]`;
  return open === '[' ? `[^${ANYTHING}]` : `[${ANYTHING}]`;
}

function readMember(reader: Reader): string {
  const first = readSetInClass(reader) ?? readCharacter(reader, true);
  // what follows a set, or stands last, is a hyphen and no range
  if (typeof first === 'string' || !take(reader, /-(?!\])/y)) return memberText(first);
  const last = readSetInClass(reader) ?? readCharacter(reader, true);
  return typeof last === 'string' ? `${literal(first)}\\-${last}` : `${literal(first)}-${literal(last)}`;
}

function memberText(member: string | number): string {
  return typeof member === 'string' ? member : literal(member);
}

function readSetInClass(reader: Reader): string | null {
  if (take(reader, /\\s/y)) return SPACE;
  if (take(reader, /\\S/y)) return NO_SPACE;
  return readSet(reader);
}

const CONTROL: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };

/** The code point of the next character, however it is written. */
function readCharacter(reader: Reader, inClass = false): number {
  if (take(reader, inClass ? /\\(?:[1-9]|0\d)/y : /\\(?:[1-9]|0\d|k<)/y))
    throw new Untranslatable('it refers back to a group', 'match both and compare the two groups');
  const code = take(reader, /\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/y);
  if (code) return withSecondHalf(reader, Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16));
  const control = take(reader, /\\c([A-Za-z])/y);
  if (control) return (control[1] ?? '').charCodeAt(0) % 32;
  const named = take(reader, /\\([tnvfr0])/y);
  if (named) return CONTROL[named[1] ?? ''] ?? 0;
  if (inClass && take(reader, /\\b/y)) return 8;
  take(reader, /\\(?=[\s\S])/y); // any other character escaped is itself
  const point = reader.source.codePointAt(reader.at) ?? 0;
  reader.at += point > 0xffff ? 2 : 1;
  return withSecondHalf(reader, point);
}

/** `\ud83d\ude00` is one character. Half of one is found in no text that is well formed. */
function withSecondHalf(reader: Reader, point: number): number {
  if (point < 0xd800 || point > 0xdfff) return point;
  const low = take(reader, /\\u([dD][c-fC-F][0-9a-fA-F]{2})/y);
  if (point > 0xdbff || !low)
    throw new Untranslatable('it names half of a surrogate pair', 'write both halves');
  return (point - 0xd800) * 0x400 + Number.parseInt(low[1] ?? '', 16) - 0xdc00 + 0x10000;
}

function literal(point: number): string {
  const text = String.fromCodePoint(point);
  return /[A-Za-z0-9 _]/.test(text) ? text : `\\x{${point.toString(16)}}`;
}

/** The next part if it is of this form. */
function take(reader: Reader, form: RegExp): RegExpExecArray | null {
  form.lastIndex = reader.at;
  const match = form.exec(reader.source);
  if (match) reader.at = form.lastIndex;
  return match;
}
