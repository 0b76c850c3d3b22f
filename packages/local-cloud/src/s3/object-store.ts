import type { Readable } from 'node:stream';
import { fromJson, type Journal, prepare } from '@statebag/states';
import type { Blob, Blobs, Range, StagedBlob } from './blobs.ts';
import type { ChecksumName } from './checksums.ts';
import { s3Error } from './s3-error.ts';

/** What an object is besides its bytes. */
export interface ObjectTraits {
  /** Response headers by lower-case name: content type, encoding, user metadata. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksums: Readonly<Partial<Record<ChecksumName, string>>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Set for an object of a multipart upload. */
  readonly partCount?: number;
}

export interface S3Object extends ObjectTraits {
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly blobs: readonly Blob[];
}

/**
 * A write that happens only if the object there now is the expected one. Decided in the same turn as the
 * write itself.
 */
export interface WriteCondition {
  /** `If-None-Match: *`. */
  readonly absent?: boolean;
  /** `If-Match`: an ETag without quotes, or `*`. */
  readonly etag?: string;
}

export interface NewObject extends ObjectTraits {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  /** A body that just arrived, or blobs that are stored already. */
  readonly blobs: readonly (Blob | StagedBlob)[];
  /** Blobs of `blobs` that the caller gives up its own reference to. */
  readonly handedOver?: boolean;
}

export interface ObjectStore {
  createBucket(bucket: string): void;
  deleteBucket(bucket: string): void;
  buckets(): { readonly name: string; readonly createdAt: number }[];
  requireBucket(bucket: string): void;
  find(bucket: string, key: string): S3Object | undefined;
  put(object: NewObject, condition?: WriteCondition): S3Object;
  retag(bucket: string, key: string, tags: Readonly<Record<string, string>>): void;
  /** @throws `NoSuchKey` or `PreconditionFailed` where the condition does not hold */
  remove(bucket: string, key: string, condition?: WriteCondition): void;
  /** Objects in UTF-8 order of their keys: behind `after`, and not before `atLeast`. */
  scan(bucket: string, start: { readonly after: string; readonly atLeast: string }): Iterable<S3Object>;
  read(object: S3Object, range?: Range): Readable;
  /** The object with the bytes that are on the disk. @throws NoSuchKey where somebody removed them */
  present(object: S3Object): S3Object;
}

interface Row {
  key: string;
  etag: string;
  size: number;
  modified_at: number;
  traits: string;
  blobs: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS s3_bucket (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS s3_object (
    bucket TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL, modified_at INTEGER NOT NULL,
    traits TEXT NOT NULL, blobs TEXT NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID`;

/**
 * Buckets and objects in the journal's database. Every change is one synchronous write, so two racing
 * conditional puts cannot both see the object missing.
 */
export function openObjectStore(journal: Journal, blobs: Blobs, now: () => number): ObjectStore {
  journal.write(() => journal.db.exec(SCHEMA));
  const context: StoreContext = { journal, blobs, now, sql: statementsOf(journal) };
  return { ...bucketMethods(context), ...objectMethods(context) };
}

interface StoreContext {
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly sql: ReturnType<typeof statementsOf>;
  now(): number;
}

function bucketMethods({
  journal,
  sql,
  now,
}: StoreContext): Pick<ObjectStore, 'createBucket' | 'deleteBucket' | 'buckets' | 'requireBucket'> {
  return {
    requireBucket: (bucket) => requireBucket(bucket, sql),
    buckets: () => sql.buckets.all().map(({ name, created_at }) => ({ name, createdAt: created_at })),
    createBucket: (bucket) => {
      if (sql.bucket.get(bucket) !== undefined)
        throw s3Error('BucketAlreadyOwnedByYou', { BucketName: bucket });
      journal.write(() => void sql.addBucket.run(bucket, now()));
    },
    deleteBucket: (bucket) => {
      requireBucket(bucket, sql);
      if (sql.after.get(bucket, '', '') !== undefined)
        throw s3Error('BucketNotEmpty', { BucketName: bucket });
      journal.write(() => void sql.dropBucket.run(bucket));
    },
  };
}

function objectMethods(context: StoreContext): Omit<ObjectStore, keyof ReturnType<typeof bucketMethods>> {
  const { journal, blobs, sql } = context;
  return {
    find: (bucket, key) => findObject(bucket, key, sql),
    put: (object, condition = {}) => putObject(object, condition, context),
    retag: (bucket, key, tags) => {
      const object = findObject(bucket, key, sql);
      if (object === undefined) throw s3Error('NoSuchKey', { Key: key });
      journal.write(() => void sql.retrait.run(traitsText({ ...object, tags }), bucket, key));
    },
    remove: (bucket, key, condition = {}) => {
      const previous = findObject(bucket, key, sql);
      refuseUnless(condition, previous);
      if (previous === undefined) return;
      journal.write(() => {
        sql.drop.run(bucket, key);
        blobs.release(previous.blobs);
      });
    },
    scan: (bucket, { after, atLeast }) =>
      scanPages(after, (from) => sql.after.all(bucket, from, atLeast).map(objectOf)),
    present: (object) => presentObject(object, blobs),
    read: (object, range = { start: 0, end: object.size }) => blobs.read(object.blobs, range),
  };
}

function presentObject(object: S3Object, blobs: Blobs): S3Object {
  const present = blobs.present(object.blobs);
  if (present === undefined) throw s3Error('NoSuchKey', { Key: object.key });
  const size = present.reduce((sum, blob) => sum + blob.size, 0);
  return size === object.size ? object : { ...object, blobs: present, size };
}

function putObject(
  object: NewObject,
  condition: WriteCondition,
  { journal, blobs, sql, now }: StoreContext,
): S3Object {
  requireBucket(object.bucket, sql);
  const previous = findObject(object.bucket, object.key, sql);
  refuseUnless(condition, previous);
  const stored = asStored(object, now());
  journal.write(() => {
    if (object.handedOver !== true) for (const blob of object.blobs) blobs.keep(blob);
    sql.put.run(
      object.bucket,
      stored.key,
      stored.etag,
      stored.size,
      stored.modifiedAt,
      traitsText(stored),
      JSON.stringify(stored.blobs),
    );
    if (previous !== undefined) blobs.release(previous.blobs);
  });
  return stored;
}

function requireBucket(bucket: string, sql: StoreContext['sql']): void {
  if (sql.bucket.get(bucket) === undefined) throw s3Error('NoSuchBucket', { BucketName: bucket });
}

function findObject(bucket: string, key: string, sql: StoreContext['sql']): S3Object | undefined {
  const row = sql.find.get(bucket, key);
  return row && objectOf(row);
}

function statementsOf({ db }: Journal) {
  const columns = 'key, etag, size, modified_at, traits, blobs';
  return {
    bucket: prepare<{ name: string }>(db, 'SELECT name FROM s3_bucket WHERE name = ?'),
    buckets: prepare<{ name: string; created_at: number }>(
      db,
      'SELECT name, created_at FROM s3_bucket ORDER BY name',
    ),
    addBucket: prepare(db, 'INSERT INTO s3_bucket (name, created_at) VALUES (?, ?)'),
    dropBucket: prepare(db, 'DELETE FROM s3_bucket WHERE name = ?'),
    find: prepare<Row>(db, `SELECT ${columns} FROM s3_object WHERE bucket = ? AND key = ?`),
    after: prepare<Row>(
      db,
      `SELECT ${columns} FROM s3_object WHERE bucket = ? AND key > ? AND key >= ? ORDER BY key LIMIT 256`,
    ),
    put: prepare(db, `INSERT OR REPLACE INTO s3_object (bucket, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`),
    retrait: prepare(db, 'UPDATE s3_object SET traits = ? WHERE bucket = ? AND key = ?'),
    drop: prepare(db, 'DELETE FROM s3_object WHERE bucket = ? AND key = ?'),
  };
}

/** Decides a conditional write against what is there now. */
function refuseUnless({ absent, etag }: WriteCondition, previous: S3Object | undefined): void {
  if (absent === true && previous !== undefined)
    throw s3Error('PreconditionFailed', { Condition: 'If-None-Match' });
  if (etag === undefined) return;
  if (previous === undefined) throw s3Error('NoSuchKey');
  if (etag !== '*' && etag !== previous.etag) throw s3Error('PreconditionFailed', { Condition: 'If-Match' });
}

/** Reads page by page, so that objects written meanwhile do not disturb an open statement. */
function* scanPages(after: string, page: (from: string) => S3Object[]): Generator<S3Object> {
  for (let objects = page(after); objects.length > 0; objects = page(objects.at(-1)?.key ?? ''))
    yield* objects;
}

function asStored(
  { key, etag, blobs, headers, checksums, tags, partCount }: NewObject,
  modifiedAt: number,
): S3Object {
  const size = blobs.reduce((sum, blob) => sum + blob.size, 0);
  const traits =
    partCount === undefined ? { headers, checksums, tags } : { headers, checksums, tags, partCount };
  return {
    ...traits,
    key,
    etag,
    size,
    modifiedAt,
    blobs: blobs.map((blob) => ({ id: blob.id, size: blob.size })),
  };
}

function traitsText({ headers, checksums, tags, partCount }: ObjectTraits): string {
  return JSON.stringify({ headers, checksums, tags, partCount });
}

function objectOf({ key, etag, size, modified_at, traits, blobs }: Row): S3Object {
  return {
    ...fromJson<ObjectTraits>(traits),
    key,
    etag,
    size,
    modifiedAt: modified_at,
    blobs: fromJson<Blob[]>(blobs),
  };
}
