/** What a pattern says of a text's characters, where it is one class from the beginning to the end. */
export interface Characters {
  /** Bytes of JSON that one of them may take. */
  readonly widest: number;
  readonly most: number;
}

const ONE_CLASS = /^\^(\[(?:[^\]\\]|\\.)+\]|\\[dw])(\*|\+|\{\d+(?:,\d*)?\})\$$/;

/** `^[a-z0-9 ]*$` and the like; null where it is anything else. */
export function charactersOf(pattern: string): Characters | null {
  const [, set, times = ''] = ONE_CLASS.exec(pattern) ?? [];
  if (set === undefined) return null;
  const widest = set.startsWith('\\') ? 1 : widestIn(set.slice(1, -1));
  if (widest === null) return null;
  const [, least, more, most] = /^\{(\d+)(,(\d*))?\}$/.exec(times) ?? [];
  if (least === undefined) return { widest, most: Infinity };
  return { widest, most: more === undefined ? Number(least) : most ? Number(most) : Infinity };
}

/** What the members of a class take; null where one is none of those that are read here. */
function widestIn(members: string): number | null {
  if (members.startsWith('^')) return members === '^\\x00-\\x1f' || members === '^\\u0000-\\u001f' ? 4 : null;
  let widest = 1;
  let rest = members;
  while (rest !== '') {
    const [whole, first, last] = /^(\\[dw]|\\?[^\\])(?:-(\\?[^\\\]]))?/su.exec(rest) ?? [];
    if (whole === undefined || first === undefined) return null;
    const width = widthOf(first, last);
    if (width === null) return null;
    widest = Math.max(widest, width);
    rest = rest.slice(whole.length);
  }
  return widest;
}

function widthOf(first: string, last: string | undefined): number | null {
  if (/^\\[dw]$/.test(first)) return last === undefined ? 1 : null;
  if (/^\\[A-Za-z0-9]/.test(first) || (last && /^\\[A-Za-z0-9]/.test(last))) return null;
  const from = first.replace(/^\\/, '').codePointAt(0) ?? 0;
  const to = last === undefined ? from : (last.replace(/^\\/, '').codePointAt(0) ?? 0);
  if (from < 0x20) return null;
  const hasQuotes = [0x22, 0x5c].some((code) => from <= code && code <= to);
  return Math.max(hasQuotes ? 2 : 1, to < 0x80 ? 1 : to < 0x8_00 ? 2 : to < 0x1_00_00 ? 3 : 4);
}
