import type { Objects, Rights } from '../ports/services.ts';
import type { ExecutionRecord } from '../program/execution.ts';

/** The objects as the role of an execution may read and write them. */
export function objectsOfRole(
  { objects, rights }: { readonly objects: Objects; readonly rights: Rights },
  { roleArn, name: session }: ExecutionRecord,
): Objects {
  const require = (api: string, input: Readonly<Record<string, string>>): void =>
    rights.require({ roleArn, session, api, input });
  return {
    async get(bucket, key) {
      require('s3:getObject', { Bucket: bucket, Key: key });
      return objects.get(bucket, key);
    },
    async put(bucket, key, body, contentType) {
      require('s3:putObject', { Bucket: bucket, Key: key });
      return objects.put(bucket, key, body, contentType);
    },
    async *list(bucket, prefix) {
      require('s3:listObjectsV2', { Bucket: bucket, Prefix: prefix });
      yield* objects.list(bucket, prefix);
    },
  };
}
