import { gunzipSync, gzipSync } from 'node:zlib';
import { isJsonObject, type Json, KB, StatebagError } from '@statebag/contracts';
import { byteSizeOf } from '../canonical-json.ts';

/** The third tier of the first generation: the whole payload as text. */
export type CompressedPayload = { readonly compressed_data: string; readonly original_size_kb: number };

/** gzip and base64 of a payload's JSON. */
export function compressPayload(payload: Json): CompressedPayload {
  const compressed_data = gzipSync(JSON.stringify(payload)).toString('base64');
  return { compressed_data, original_size_kb: Math.round((byteSizeOf(payload) / KB) * 100) / 100 };
}

/**
 * The inverse. What is plain JSON already comes back as it is.
 * @throws `Payload.Undecodable`
 */
export function decompressPayload(payload: Json): Json {
  const text =
    isJsonObject(payload) && Object.hasOwn(payload, 'compressed_data') ? payload['compressed_data'] : payload;
  return typeof text === 'string' ? decoded(text) : (text ?? null);
}

function decoded(text: string): Json {
  const plain = asJson(text);
  if (plain !== undefined) return plain;
  try {
    // JSON.parse gives JSON
    return JSON.parse(gunzipSync(Buffer.from(strictBase64(text), 'base64')).toString('utf8')) as Json;
  } catch (cause) {
    if (cause instanceof StatebagError) throw cause;
    throw new StatebagError(
      'Payload.Undecodable',
      `compressed_data (${text.length} characters) is not gzip of JSON`,
      { cause },
    );
  }
}

/** Text that is a JSON document already; `undefined` for anything else. */
function asJson(text: string): Json | undefined {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json; // JSON.parse gives JSON
  } catch (cause) {
    throw new StatebagError(
      'Payload.Undecodable',
      `compressed_data (${text.length} characters) is broken JSON`,
      { cause },
    );
  }
}

function strictBase64(text: string): string {
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text.trim())) return text;
  throw new StatebagError('Payload.Undecodable', `compressed_data (${text.length} characters) is not base64`);
}
