const MORE = '…';

/** Control characters that JSON writes with six bytes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const SIX_BYTES_EACH = /[\u0000-\u0007\u000b\u000e-\u001f]/g;

/**
 * The text, or its beginning and an ellipsis, in at most `limit` UTF-8 bytes; no character is cut in two.
 * Control characters other than white space become U+FFFD, so its JSON takes at most twice as much.
 */
export function shortened(text: string, limit: number): string {
  const printable = text.toWellFormed().replace(SIX_BYTES_EACH, '\ufffd');
  const encoded = Buffer.from(printable);
  if (encoded.length <= limit) return printable;
  return (
    encoded.subarray(0, wholeCharacters(encoded, limit - Buffer.byteLength(MORE))).toString('utf8') + MORE
  );
}

/**
 * The end of the last character that begins and ends before `end`: bytes 10xxxxxx continue one, and no text
 * begins with one.
 */
function wholeCharacters(encoded: Buffer, end: number): number {
  let cut = end;
  while (((encoded[cut] ?? 0) & 0b1100_0000) === 0b1000_0000) cut -= 1;
  return cut;
}
