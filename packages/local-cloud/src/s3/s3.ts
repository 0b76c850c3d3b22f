import { join } from 'node:path';
import type { Journal, Objects } from '@statebag/states';
import { type Answer, decode, headerOf, type RestService, type SignedRequest } from '../gateway/request.ts';
import { openBlobs } from './blobs.ts';
import type { S3Context, S3Request } from './context.ts';
import { openObjectStore } from './object-store.ts';
import { openObjects } from './objects.ts';
import { operationOf } from './routes.ts';
import { openUploads } from './uploads.ts';

/** What went through S3's API since it was opened. A request counts when it arrives, refused or not. */
export interface S3Counters {
  /** By HTTP method. */
  readonly requests: Readonly<Record<string, number>>;
  /** By operation: `getObject`, `putObject`, … */
  readonly operations: Readonly<Record<string, number>>;
  /** Bytes of bodies, framing not counted. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface S3 extends Objects {
  readonly serve: RestService;
  createBucket(bucket: string): Promise<void>;
  hasBucket(bucket: string): boolean;
  /** @throws BucketNotEmpty */
  deleteBucket(bucket: string): Promise<void>;
  counters(): S3Counters;
}

export interface S3Deps {
  readonly journal: Journal;
  readonly dataDir: string;
  /** False: bodies in files are not synced. */
  readonly durable: boolean;
  readonly region: string;
  now(): number;
}

/** S3 over a directory and the journal's database. */
export function openS3({ journal, dataDir, durable, region, now }: S3Deps): S3 {
  const blobs = openBlobs(journal, { directory: join(dataDir, 's3'), durable });
  const store = openObjectStore(journal, blobs, now);
  const context: S3Context = {
    store,
    blobs,
    journal,
    region,
    uploads: openUploads(journal, { store, blobs, now }),
  };
  const counters = createCounters();
  return {
    ...openObjects(context),
    serve: (request) => serveRequest(request, context, counters),
    counters: counters.read,
    hasBucket: (bucket) => store.buckets().some(({ name }) => name === bucket),
    deleteBucket: async (bucket) => {
      store.deleteBucket(bucket);
      await journal.flush();
    },
    createBucket: async (bucket) => {
      store.createBucket(bucket);
      await journal.flush();
    },
  };
}

async function serveRequest(request: SignedRequest, context: S3Context, counters: Counters): Promise<Answer> {
  const addressed = address(request);
  const operation = operationOf(addressed);
  counters.arrived(request, operation.name);
  const answer = await operation(addressed, context);
  counters.answered(request, answer);
  return { ...answer, headers: { 'x-amz-request-id': request.requestId, ...answer.headers } };
}

/** Splits path-style and virtual-host-style addresses into bucket and key. */
function address(request: SignedRequest): S3Request {
  const path = request.path.replace(/^\//, '');
  const virtual = /^(.+)\.localhost(:\d+)?$/i.exec(headerOf(request, 'host') ?? '')?.[1];
  if (virtual !== undefined) return { ...request, bucket: virtual, key: decode(path) };
  const slash = path.indexOf('/');
  return slash < 0
    ? { ...request, bucket: decode(path), key: '' }
    : { ...request, bucket: decode(path.slice(0, slash)), key: decode(path.slice(slash + 1)) };
}

interface Counters {
  arrived(request: SignedRequest, operation: string): void;
  answered(request: SignedRequest, answer: Answer): void;
  read(): S3Counters;
}

function createCounters(): Counters {
  const requests: Record<string, number> = {};
  const operations: Record<string, number> = {};
  let [bytesIn, bytesOut] = [0, 0];
  return {
    arrived: (request, operation) => {
      requests[request.method] = (requests[request.method] ?? 0) + 1;
      operations[operation] = (operations[operation] ?? 0) + 1;
      bytesIn += Number(
        request.headers['x-amz-decoded-content-length'] ?? request.headers['content-length'] ?? 0,
      );
    },
    answered: (request, answer) => {
      bytesOut += request.method === 'HEAD' ? 0 : Number(answer.headers['content-length'] ?? 0);
    },
    read: () => ({ requests: { ...requests }, operations: { ...operations }, bytesIn, bytesOut }),
  };
}
