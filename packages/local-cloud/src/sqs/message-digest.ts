import { createHash } from 'node:crypto';
import type { MessageAttribute } from './queue-store.ts';

const STRING_VALUE = 1;
const BINARY_VALUE = 2;

/**
 * The MD5 that clients hold the attributes of a message against: names in order, each part with its length
 * before it.
 */
export function messageAttributesDigest(attributes: Readonly<Record<string, MessageAttribute>>): string {
  const hash = createHash('md5');
  const part = (bytes: Uint8Array): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).toSorted()) {
    const { DataType: type = '', StringValue: string, BinaryValue: binary } = attributes[name] ?? {};
    part(Buffer.from(name));
    part(Buffer.from(type));
    hash.update(Uint8Array.of(type.startsWith('Binary') ? BINARY_VALUE : STRING_VALUE));
    part(type.startsWith('Binary') ? Buffer.from(binary ?? '', 'base64') : Buffer.from(string ?? ''));
  }
  return hash.digest('hex');
}
