import type { Operation } from '../context.ts';
import { receiveBody } from '../incoming-body.ts';
import { checksumHeaders, keptHeaders, quote, taggingHeader, writeCondition } from '../object-headers.ts';
import { s3Error } from '../s3-error.ts';

const MAX_KEY_BYTES = 1024;

/** Stores a body under a key; the condition, if any, is decided in the same turn as the write. */
export const putObject: Operation = async (request, { store, blobs, journal }) => {
  store.requireBucket(request.bucket);
  if (Buffer.byteLength(request.key) > MAX_KEY_BYTES) throw s3Error('KeyTooLongError', { MaxSizeAllowed: MAX_KEY_BYTES });
  const [headers, tags, condition] = [keptHeaders(request), taggingHeader(request), writeCondition(request)];
  const { blob, checksums } = await receiveBody(request, blobs);
  try {
    const object = store.put({ bucket: request.bucket, key: request.key, etag: blob.md5, blobs: [blob], headers, tags, checksums }, condition);
    await journal.flush();
    return { status: 200, headers: { etag: quote(object.etag), ...checksumHeaders(object) } };
  } catch (error) {
    blobs.discard(blob);
    throw error;
  }
};
