import type { Journal } from '@statebag/states';
import type { Answer, SignedRequest } from '../gateway/request.ts';
import type { Blobs } from './blobs.ts';
import type { ObjectStore } from './object-store.ts';
import type { Uploads } from './uploads.ts';

/** What every S3 operation works with. */
export interface S3Context {
  readonly store: ObjectStore;
  readonly uploads: Uploads;
  readonly blobs: Blobs;
  readonly journal: Journal;
  readonly region: string;
}

/** A request addressed to a bucket and perhaps a key. */
export interface S3Request extends SignedRequest {
  readonly bucket: string;
  readonly key: string;
}

/** As policies name it. */
export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

export type Operation = (request: S3Request, context: S3Context) => Promise<Answer>;
