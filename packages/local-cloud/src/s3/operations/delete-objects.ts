import type { Operation } from '../context.ts';
import { receiveDocument } from '../incoming-body.ts';
import { s3Error } from '../s3-error.ts';
import { childrenOf, parseXml, renderXml, textOf } from '../xml.ts';

const MAX_KEYS = 1000;

/** Removes one object; a key that is not there is removed as well. */
export const deleteObject: Operation = async (request, { store, journal }) => {
  store.requireBucket(request.bucket);
  store.remove(request.bucket, request.key);
  await journal.flush();
  return { status: 204, headers: {} };
};

/** Removes up to 1,000 objects in one commit. */
export const deleteObjects: Operation = async (request, { store, blobs, journal }) => {
  store.requireBucket(request.bucket);
  const document = parseXml(await receiveDocument(request, blobs), 'Delete');
  const keys = childrenOf(document, 'Object').map((entry) => textOf(entry, 'Key') ?? '');
  if (keys.length === 0 || keys.length > MAX_KEYS) throw s3Error('MalformedXML', { Detail: `a request names 1 to ${MAX_KEYS} keys` });
  journal.write(() => {
    for (const key of keys) store.remove(request.bucket, key);
  });
  await journal.flush();
  const deleted = textOf(document, 'Quiet') === 'true' ? [] : keys.map((Key) => ({ Key }));
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: renderXml('DeleteResult', { Deleted: deleted }) };
};
