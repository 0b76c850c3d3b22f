import { headerOf } from '../gateway/request.ts';
import { CHECKSUM_NAMES } from './checksums.ts';
import type { Operation } from './context.ts';
import { findObject } from './object-operations.ts';
import type { S3Object } from './object-store.ts';
import { s3Error } from './s3-error.ts';
import { renderXml, type XmlElement } from './xml.ts';

/** What of an object can be asked for, by the names in the header. Undefined: the object has none. */
const ATTRIBUTES: Readonly<Record<string, (object: S3Object) => XmlElement>> = {
  ETag: ({ etag }) => ({ ETag: etag }),
  Checksum: (object) => ({ Checksum: checksumOf(object) }),
  ObjectParts: ({ partCount }) => ({
    ObjectParts: partCount === undefined ? undefined : { PartsCount: partCount },
  }),
  StorageClass: () => ({ StorageClass: 'STANDARD' }),
  ObjectSize: ({ size }) => ({ ObjectSize: size }),
};

/** The attributes of an object that the request names, without its bytes. */
export const getObjectAttributes: Operation = async (request, context) => {
  const object = findObject(request, context);
  const names = (headerOf(request, 'x-amz-object-attributes') ?? '').split(',').map((name) => name.trim());
  const parts = names.map((name) => {
    const read = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
    if (!read)
      throw s3Error('InvalidArgument', { ArgumentName: 'x-amz-object-attributes', ArgumentValue: name });
    return read(object);
  });
  return {
    status: 200,
    headers: {
      'content-type': 'application/xml',
      'last-modified': new Date(object.modifiedAt).toUTCString(),
    },
    body: renderXml('GetObjectAttributesResponse', Object.assign({}, ...parts)),
  };
};

function checksumOf({ checksums, partCount }: S3Object): XmlElement | undefined {
  const present = CHECKSUM_NAMES.flatMap((name) =>
    checksums[name] === undefined ? [] : [[`Checksum${name.toUpperCase()}`, checksums[name]] as const],
  );
  if (present.length === 0) return undefined;
  return {
    ...Object.fromEntries(present),
    ChecksumType: partCount === undefined ? 'FULL_OBJECT' : 'COMPOSITE',
  };
}
