import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from './object-store.ts';
import { requestedObjectStore } from './requested-object-store.ts';

/** The store over a client of the SDK. */
export function s3ObjectStore(client: S3Client): ObjectStore {
  return requestedObjectStore({
    getObject: (wanted) => client.send(new GetObjectCommand(wanted)),
    putObject: (written) => client.send(new PutObjectCommand(written)),
  });
}
