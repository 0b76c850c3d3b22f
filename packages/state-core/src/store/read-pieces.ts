import { type Json, StatebagError } from '@statebag/contracts';

const LINE_END = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const OPENING: ReadonlySet<number> = new Set([LIST, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** The lines of a stream of bytes, empty ones left out. No more than one line is held. */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let held: Uint8Array[] = [];
  for await (const piece of body) {
    let start = 0;
    for (let end = piece.indexOf(LINE_END); end >= 0; end = piece.indexOf(LINE_END, start)) {
      const line = textOf([...held, piece.subarray(start, end)]);
      if (line !== '') yield line;
      [held, start] = [[], end + 1];
    }
    held.push(piece.subarray(start));
  }
  const last = textOf(held);
  if (last !== '') yield last;
}

/**
 * The texts of a JSON list's elements. No more than one element is held; what is inside of it is not looked
 * at.
 * @throws SyntaxError for what is no list
 */
export async function* elementsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const scan = { depth: 0, inText: false, escaped: false };
  let held: Uint8Array[] = [];
  let count = 0;
  for await (const piece of body) {
    let start = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const before = scan.depth;
      if (!isBoundary(scan, piece[at] ?? 0)) continue;
      const text = textOf([...held, piece.subarray(start, at)]);
      [held, start] = [[], at + 1];
      if (before === 0) {
        refuseOutside(piece[at] === LIST ? text : `${text}{`);
        continue;
      }
      const isEmptyList = scan.depth === 0 && count === 0 && text === '';
      if (!isEmptyList) yield text;
      count += 1;
    }
    held.push(piece.subarray(start));
  }
  refuseOutside(textOf(held));
  if (scan.depth > 0 || count === 0) throw new SyntaxError('the list does not end');
}

/**
 * The values of the texts that one of our objects is made of.
 * @throws `Store.ObjectCorrupt` where a text is no JSON, or the texts do not end as they should
 */
export async function* valuesOf(texts: AsyncIterable<string>, uri: string): AsyncGenerator<Json> {
  let count = 0;
  try {
    for await (const text of texts) {
      yield JSON.parse(text) as Json; // JSON.parse gives JSON
      count += 1;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StatebagError(
      'Store.ObjectCorrupt',
      `${uri}: its content cannot be read as JSON after ${count} values: ${error.message}`,
      { cause: error },
    );
  }
}

interface Scan {
  depth: number;
  inText: boolean;
  escaped: boolean;
}

/**
 * Follows one byte. True where the list begins or ends, or one of its elements ends. UTF-8 has none of these
 * bytes inside of a character.
 */
function isBoundary(scan: Scan, byte: number): boolean {
  if (scan.inText) {
    scan.inText = scan.escaped || byte !== QUOTE;
    scan.escaped = !scan.escaped && byte === BACKSLASH;
    return false;
  }
  if (byte === QUOTE) scan.inText = true;
  else if (OPENING.has(byte)) return ++scan.depth === 1;
  else if (CLOSING.has(byte)) return --scan.depth === 0;
  return byte === COMMA && scan.depth === 1;
}

const BYTE_ORDER_MARK = '\ufeff';

function refuseOutside(text: string): void {
  if (text !== '' && text !== BYTE_ORDER_MARK)
    throw new SyntaxError(`${JSON.stringify(text.slice(0, 40))} stands where a list is expected`);
}

function textOf(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('utf8').trim();
}
