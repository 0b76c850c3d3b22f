const MORE = '…';

/** The text, or its beginning and an ellipsis, in at most `limit` UTF-8 bytes; no character is cut in two. */
export function shortened(text: string, limit: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= limit) return text;
  return encoded.subarray(0, wholeCharacters(encoded, limit - Buffer.byteLength(MORE))).toString('utf8') + MORE;
}

/** The end of the last character that begins and ends before `end`: bytes 10xxxxxx continue one. */
function wholeCharacters(encoded: Buffer, end: number): number {
  let cut = end;
  while (cut > 0 && ((encoded[cut] ?? 0) & 0b1100_0000) === 0b1000_0000) cut -= 1;
  return cut;
}
