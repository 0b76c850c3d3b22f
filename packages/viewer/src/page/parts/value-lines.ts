/** A line of a value that is drawn as a tree. */
export interface ValueLine {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  /** Text of a value that holds no others; of one that does, what it holds. */
  readonly text: string;
  readonly kind: 'text' | 'other' | 'list' | 'object';
  readonly open: boolean | null;
}

const LONGEST = 4_096;
/** A list of a million numbers fits 4 MB, and its lines would take a hundred times as much. */
const MOST_MEMBERS = 5_000;

interface Place {
  readonly name: string;
  readonly path: string;
  readonly depth: number;
}

const ROOT: Place = { name: '', path: '', depth: 0 };

/**
 * The lines of a value as far as it is open, of a list or an object the first 5,000 members. Only what is
 * open is walked.
 */
export function linesOf(value: unknown, opened: ReadonlySet<string>, place: Place = ROOT): ValueLine[] {
  const { path, depth } = place;
  const line = lineOf(value, place);
  if (line.open === null || !opened.has(path)) return [line];
  const { members, more } = membersOf(value);
  const inside = members.flatMap(([key, member]) =>
    linesOf(member, opened, { name: key, path: joined(path, key), depth: depth + 1 }),
  );
  return [{ ...line, open: true }, ...inside, ...(more === 0 ? [] : [moreLine(more, place)])];
}

function membersOf(value: unknown): { readonly members: [string, unknown][]; readonly more: number } {
  if (!Array.isArray(value)) {
    const entries = Object.entries(Object(value));
    return { members: entries.slice(0, MOST_MEMBERS), more: Math.max(0, entries.length - MOST_MEMBERS) };
  }
  const first = value.slice(0, MOST_MEMBERS);
  return { members: first.map((each, index) => [`[${index}]`, each]), more: value.length - first.length };
}

function moreLine(more: number, { path, depth }: Place): ValueLine {
  const text = `… ${more.toLocaleString('en')} more, not shown here`;
  return { name: '', path: `${path}…`, depth: depth + 1, text, kind: 'other', open: null };
}

function joined(path: string, key: string): string {
  if (key.startsWith('[')) return path + key;
  return path === '' ? key : `${path}.${key}`;
}

function lineOf(value: unknown, place: Place): ValueLine {
  if (Array.isArray(value))
    return {
      ...place,
      kind: 'list',
      text: `${value.length} ${value.length === 1 ? 'item' : 'items'}`,
      open: value.length === 0 ? null : false,
    };
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value);
    return {
      ...place,
      kind: 'object',
      text:
        names.length === 0 ? '{ }' : `{ ${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''} }`,
      open: names.length === 0 ? null : false,
    };
  }
  if (typeof value === 'string')
    return {
      ...place,
      kind: 'text',
      text: value.length > LONGEST ? value.slice(0, LONGEST) : value,
      open: null,
    };
  return { ...place, kind: 'other', text: String(value), open: null };
}

/** Paths whose name or text has the wanted words, and everything around them. */
export function found(
  value: unknown,
  wanted: string,
  most = 500,
): { readonly hits: readonly string[]; readonly around: readonly string[] } {
  const hits: string[] = [];
  const around = new Set<string>();
  const words = wanted.toLowerCase();
  const walk = (each: unknown, path: string, above: readonly string[]): void => {
    if (hits.length >= most) return;
    if (typeof each === 'object' && each !== null) {
      const members: [string, unknown][] = Array.isArray(each)
        ? each.map((member, index) => [`[${index}]`, member])
        : Object.entries(each);
      for (const [key, member] of members) {
        const at = joined(path, key);
        if (!Array.isArray(each) && key.toLowerCase().includes(words)) note(at, [...above, path]);
        walk(member, at, [...above, path]);
      }
    } else if (String(each).toLowerCase().includes(words)) note(path, above);
  };
  const note = (path: string, above: readonly string[]) => {
    if (hits.at(-1) !== path) hits.push(path);
    for (const each of above) around.add(each);
  };
  walk(value, '', []);
  return { hits, around: [...around] };
}
