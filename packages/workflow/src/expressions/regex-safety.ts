/**
 * Why a regular expression is refused, or null when it cannot backtrack without bound.
 * Conservative: inside of anything that repeats without bound nothing may itself repeat without bound, be optional or offer a choice,
 * and two neighbours may not both repeat without bound over the same characters.
 */
export function regexProblem(source: string): string | null {
  if (/\\[1-9]|\\k</.test(source)) return 'it refers back to a group';
  if (/\(\?(?:[=!]|<[=!])/.test(source)) return 'it looks ahead or behind';
  return sequenceProblem(parseRegex(source));
}

interface Atom {
  /** What it matches first: the text of a character or class; null for a group. */
  readonly characters: string | null;
  readonly alternatives: readonly (readonly Atom[])[];
  readonly unbounded: boolean;
  readonly optional: boolean;
}

const CLASS = /^\[(?:\\[\s\S]|[^\]\\])*\]/;
const ESCAPE = /^\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[A-Za-z]|[\s\S])/;
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/;
const GROUP = /^\((?:\?:|\?<[^>]*>)?/;
/** A counted repetition above this is as good as unbounded. */
const LARGE_COUNT = 50;

function parseRegex(source: string): (readonly Atom[])[] {
  const reader = { rest: source };
  return readAlternatives(reader);
}

function readAlternatives(reader: { rest: string }): (readonly Atom[])[] {
  const alternatives: Atom[][] = [[]];
  while (reader.rest !== '' && !reader.rest.startsWith(')')) {
    if (take(reader, /^\|/)) alternatives.push([]);
    else if (!take(reader, /^(?:\^|\$|\\[bB])/)) alternatives.at(-1)?.push(readAtom(reader));
  }
  return alternatives;
}

function readAtom(reader: { rest: string }): Atom {
  if (take(reader, GROUP) !== null) {
    const alternatives = readAlternatives(reader);
    take(reader, /^\)/);
    return { characters: null, alternatives, ...readQuantifier(reader) };
  }
  const characters = take(reader, CLASS) ?? take(reader, ESCAPE) ?? take(reader, /^[\s\S]/) ?? '';
  return { characters, alternatives: [], ...readQuantifier(reader) };
}

function readQuantifier(reader: { rest: string }): Pick<Atom, 'unbounded' | 'optional'> {
  const match = QUANTIFIER.exec(reader.rest);
  if (!match) return { unbounded: false, optional: false };
  reader.rest = reader.rest.slice(match[0].length);
  const [symbol, least, range, most] = match;
  if (least === undefined) return { unbounded: !symbol.startsWith('?'), optional: !symbol.startsWith('+') };
  const limit = range === undefined ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most);
  return { unbounded: limit > LARGE_COUNT, optional: Number(least) === 0 };
}

function take(reader: { rest: string }, pattern: RegExp): string | null {
  const match = pattern.exec(reader.rest);
  if (!match) return null;
  reader.rest = reader.rest.slice(match[0].length);
  return match[0];
}

function sequenceProblem(alternatives: readonly (readonly Atom[])[]): string | null {
  for (const atoms of alternatives) {
    for (const atom of atoms) {
      if (atom.unbounded && atom.alternatives.some((inner) => inner.some(varies))) return 'something repeats inside of a repetition';
      if (atom.unbounded && atom.alternatives.length > 1) return 'a choice stands inside of a repetition';
      const inner = sequenceProblem(atom.alternatives);
      if (inner) return inner;
    }
    if (hasOverlappingNeighbours(atoms)) return 'two neighbours repeat over the same characters';
  }
  return null;
}

function varies(atom: Atom): boolean {
  return atom.unbounded || atom.optional || atom.alternatives.length > 1 || atom.alternatives.some((inner) => inner.some(varies));
}

function hasOverlappingNeighbours(atoms: readonly Atom[]): boolean {
  let open: Atom | null = null;
  for (const atom of atoms) {
    if (open && mayOverlap(open, atom) && atom.unbounded) return true;
    if (atom.unbounded) open = atom;
    else if (!atom.optional) open = null;
  }
  return false;
}

/**
 * How the time of a search can grow with the text: 1 is its square, 2 its cube. Repetitions count together while the same character
 * may belong to either; a character between them that belongs to neither ends the row.
 */
export function searchDegree(source: string): number {
  return Math.max(0, ...parseRegex(source).map((atoms) => longestRow(flattened(atoms))));
}

/** Groups that repeat nothing and offer no choice are no more than their content. */
function flattened(atoms: readonly Atom[]): readonly Atom[] {
  return atoms.flatMap((atom) => {
    const [only, ...others] = atom.alternatives;
    if (!only || atom.unbounded || atom.optional) return [{ ...atom, unbounded: atom.unbounded || atom.alternatives.some(hasRepetition) }];
    return others.length === 0 ? flattened(only) : [{ ...atom, unbounded: atom.alternatives.some(hasRepetition) }];
  });
}

function hasRepetition(atoms: readonly Atom[]): boolean {
  return atoms.some((atom) => atom.unbounded || atom.alternatives.some(hasRepetition));
}

function longestRow(atoms: readonly Atom[]): number {
  let longest = 0;
  let open: { readonly atom: Atom; readonly length: number }[] = [];
  for (const atom of atoms) {
    const met = open.filter((row) => mayOverlap(row.atom, atom));
    if (met.length === 0 && !atom.optional) open = [];
    if (!atom.unbounded) continue;
    const length = 1 + Math.max(0, ...met.map((row) => row.length));
    open.push({ atom, length });
    longest = Math.max(longest, length);
  }
  return longest;
}

/** Every ASCII character, and some that stand for all others. */
const SAMPLE = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), '\u00a0', '\u00e9', '\u4e2d', '\uff11'];

/** Unsure counts as yes: a group, or a class that names characters beyond the sample. Case is never told apart. */
function mayOverlap(left: Atom, right: Atom): boolean {
  if (left.characters === null || right.characters === null) return true;
  if (isBeyondSample(left.characters) || isBeyondSample(right.characters)) return true;
  const [matchesLeft, matchesRight] = [new RegExp(left.characters, 'i'), new RegExp(right.characters, 'i')];
  return SAMPLE.some((character) => matchesLeft.test(character) && matchesRight.test(character));
}

function isBeyondSample(characters: string): boolean {
  return /[^\t-~]|\\[uxpPc]/.test(characters);
}
