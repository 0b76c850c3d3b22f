import type { Operation, S3Context, S3Request } from '../context.ts';
import { receiveDocument } from '../incoming-body.ts';
import type { S3Object } from '../object-store.ts';
import { childrenOf, parseXml, renderXml, textOf } from '../xml.ts';
import { missingKey } from './get-object.ts';

/** The tags of an object. */
export const getObjectTagging: Operation = async (request, context) => {
  const tags = Object.entries(requireObject(request, context).tags).map(([Key, Value]) => ({ Key, Value }));
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: renderXml('Tagging', { TagSet: { Tag: tags } }) };
};

/** Replaces the tags of an object. */
export const putObjectTagging: Operation = async (request, context) => {
  const [set] = childrenOf(parseXml(await receiveDocument(request, context.blobs), 'Tagging'), 'TagSet');
  const tags = childrenOf(set ?? {}, 'Tag').map((tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? ''] as const);
  return retag(request, context, Object.fromEntries(tags));
};

/** Takes all tags off an object. */
export const deleteObjectTagging: Operation = async (request, context) => ({ ...(await retag(request, context, {})), status: 204 });

async function retag(request: S3Request, context: S3Context, tags: Readonly<Record<string, string>>) {
  requireObject(request, context);
  context.store.retag(request.bucket, request.key, tags);
  await context.journal.flush();
  return { status: 200, headers: {} };
}

function requireObject(request: S3Request, { store }: S3Context): S3Object {
  store.requireBucket(request.bucket);
  const object = store.find(request.bucket, request.key);
  if (object === undefined) throw missingKey(request);
  return object;
}
