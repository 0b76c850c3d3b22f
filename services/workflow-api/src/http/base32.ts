const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Bytes as text of letters and digits only (RFC 4648, lower case, no padding): fits the grammar of ids and of execution names. */
export function base32(bytes: Uint8Array): string {
  let [text, bits, value] = ['', 0, 0];
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(value << (5 - bits)) & 31];
}
