import { createHash, randomUUID } from 'node:crypto';
import { fromJson, type Journal, prepare } from '@statebag/states';
import type { Blob, Blobs, StagedBlob } from './blobs.ts';
import { type ChecksumName, startChecksum } from './checksums.ts';
import type { ObjectStore, ObjectTraits, S3Object, WriteCondition } from './object-store.ts';
import { s3Error } from './s3-error.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly createdAt: number;
  readonly traits: ObjectTraits;
}

export interface Part {
  readonly number: number;
  readonly etag: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly blobs: readonly Blob[];
  readonly checksums: Readonly<Partial<Record<ChecksumName, string>>>;
}

/** A part that has just arrived. */
export interface NewPart {
  readonly number: number;
  readonly etag: string;
  readonly blobs: readonly (Blob | StagedBlob)[];
  readonly checksums: Part['checksums'];
}

/** A part as the completing client names it. */
export interface NamedPart {
  readonly number: number;
  readonly etag: string;
}

/** Multipart uploads: parts are kept as they come, completing only lays them end to end. */
export interface Uploads {
  create(bucket: string, key: string, traits: ObjectTraits): string;
  require(bucket: string, key: string, id: string): Upload;
  list(bucket: string): Upload[];
  parts(upload: Upload): Part[];
  addPart(upload: Upload, part: NewPart): void;
  complete(upload: Upload, named: readonly NamedPart[], condition: WriteCondition): S3Object;
  abort(upload: Upload): void;
}

interface PartRow {
  number: number;
  etag: string;
  size: number;
  modified_at: number;
  blobs: string;
  checksums: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS s3_upload (id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, created_at INTEGER NOT NULL, traits TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS s3_part (
    upload_id TEXT NOT NULL, number INTEGER NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL, modified_at INTEGER NOT NULL,
    blobs TEXT NOT NULL, checksums TEXT NOT NULL, PRIMARY KEY (upload_id, number)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS s3_upload_conflict (upload_id TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TRIGGER IF NOT EXISTS s3_upload_conflicts AFTER DELETE ON s3_object BEGIN
    INSERT OR IGNORE INTO s3_upload_conflict SELECT id FROM s3_upload WHERE bucket = OLD.bucket AND key = OLD.key;
  END`;

interface UploadContext {
  readonly journal: Journal;
  readonly store: ObjectStore;
  readonly blobs: Blobs;
  readonly sql: ReturnType<typeof statementsOf>;
  now(): number;
}

/** Opens the uploads in progress. */
export function openUploads(
  journal: Journal,
  { store, blobs, now }: { store: ObjectStore; blobs: Blobs; now: () => number },
): Uploads {
  journal.write(() => journal.db.exec(SCHEMA));
  const sql = statementsOf(journal);
  const context: UploadContext = { journal, store, blobs, sql, now };
  return {
    parts: (upload) => partsOf(upload, sql),
    list: (bucket) => sql.list.all(bucket).map(uploadOf),
    create: (bucket, key, traits) => {
      store.requireBucket(bucket);
      const id = randomUUID();
      journal.write(() => void sql.add.run(id, bucket, key, now(), JSON.stringify(traits)));
      return id;
    },
    require: (bucket, key, id) => {
      const row = sql.find.get(id);
      if (row === undefined || row.bucket !== bucket || row.key !== key)
        throw s3Error('NoSuchUpload', { UploadId: id });
      return uploadOf(row);
    },
    addPart: (upload, part) => addPart(upload, part, context),
    complete: (upload, named, condition) => complete(upload, { named, condition }, context),
    abort: (upload) => {
      const left = partsOf(upload, sql).flatMap((part) => part.blobs);
      journal.write(() => forget(upload, left, context));
    },
  };
}

function addPart(
  upload: Upload,
  { number, etag, blobs: bytes, checksums }: NewPart,
  { journal, sql, blobs, now }: UploadContext,
): void {
  const replaced = partsOf(upload, sql).find((part) => part.number === number);
  journal.write(() => {
    for (const blob of bytes) blobs.keep(blob);
    const named = bytes.map(({ id, size }) => ({ id, size }));
    sql.addPart.run(
      upload.id,
      number,
      etag,
      sizeOf(named),
      now(),
      JSON.stringify(named),
      JSON.stringify(checksums),
    );
    if (replaced !== undefined) blobs.release(replaced.blobs);
  });
}

function complete(
  upload: Upload,
  { named, condition }: { named: readonly NamedPart[]; condition: WriteCondition },
  context: UploadContext,
): S3Object {
  // the key was deleted while the parts arrived: whether it may be written is the client's to decide again
  if (condition.absent === true && context.sql.conflict.get(upload.id) !== undefined)
    throw s3Error('ConditionalRequestConflict', { Key: upload.key, Condition: 'If-None-Match' });
  const present = partsOf(upload, context.sql);
  const chosen = chooseParts(present, named);
  const left = present.filter((part) => !chosen.includes(part)).flatMap((part) => part.blobs);
  const written: S3Object[] = [];
  context.journal.write(() => {
    written.push(
      context.store.put({ ...upload, ...upload.traits, ...joined(chosen), handedOver: true }, condition),
    );
    forget(upload, left, context);
  });
  const [object] = written;
  if (object === undefined) throw new Error('the journal did not run its statements');
  return object;
}

/** Ends an upload; blobs that no object took over are released. */
function forget(upload: Upload, left: readonly Blob[], { sql, blobs }: UploadContext): void {
  sql.dropParts.run(upload.id);
  sql.dropConflict.run(upload.id);
  sql.drop.run(upload.id);
  blobs.release(left);
}

function partsOf(upload: Upload, sql: UploadContext['sql']): Part[] {
  return sql.parts.all(upload.id).map(partOf);
}

function statementsOf({ db }: Journal) {
  return {
    add: prepare(db, 'INSERT INTO s3_upload (id, bucket, key, created_at, traits) VALUES (?, ?, ?, ?, ?)'),
    find: prepare<UploadRow>(db, 'SELECT id, bucket, key, created_at, traits FROM s3_upload WHERE id = ?'),
    list: prepare<UploadRow>(
      db,
      'SELECT id, bucket, key, created_at, traits FROM s3_upload WHERE bucket = ? ORDER BY key, created_at',
    ),
    drop: prepare(db, 'DELETE FROM s3_upload WHERE id = ?'),
    parts: prepare<PartRow>(
      db,
      'SELECT number, etag, size, modified_at, blobs, checksums FROM s3_part WHERE upload_id = ? ORDER BY number',
    ),
    addPart: prepare(
      db,
      'INSERT OR REPLACE INTO s3_part (upload_id, number, etag, size, modified_at, blobs, checksums) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    conflict: prepare(db, 'SELECT 1 FROM s3_upload_conflict WHERE upload_id = ?'),
    dropConflict: prepare(db, 'DELETE FROM s3_upload_conflict WHERE upload_id = ?'),
    dropParts: prepare(db, 'DELETE FROM s3_part WHERE upload_id = ?'),
  };
}

interface UploadRow {
  id: string;
  bucket: string;
  key: string;
  created_at: number;
  traits: string;
}

function chooseParts(present: readonly Part[], named: readonly NamedPart[]): Part[] {
  if (named.length === 0) throw s3Error('MalformedXML');
  if (named.some((part, index) => index > 0 && part.number <= (named[index - 1]?.number ?? 0)))
    throw s3Error('InvalidPartOrder');
  const chosen = named.map(({ number, etag }) => {
    const part = present.find((candidate) => candidate.number === number);
    if (part === undefined || part.etag !== etag) throw s3Error('InvalidPart', { PartNumber: number });
    return part;
  });
  if (chosen.slice(0, -1).some((part) => part.size < MIN_PART_BYTES))
    throw s3Error('EntityTooSmall', { MinSizeAllowed: MIN_PART_BYTES });
  return chosen;
}

/** ETag and checksums of a whole made of parts are digests of the parts' digests, and say of how many. */
function joined(parts: readonly Part[]) {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(Buffer.from(part.etag, 'hex'));
  const names = Object.keys(parts[0]?.checksums ?? {}).filter((name): name is ChecksumName =>
    parts.every((part) => Object.hasOwn(part.checksums, name)),
  );
  const checksums = Object.fromEntries(
    names.map((name) => [name, `${checksumOfChecksums(parts, name)}-${parts.length}`]),
  );
  return {
    etag: `${md5.digest('hex')}-${parts.length}`,
    checksums,
    partCount: parts.length,
    blobs: parts.flatMap((part) => part.blobs),
  };
}

function checksumOfChecksums(parts: readonly Part[], name: ChecksumName): string {
  const running = startChecksum(name);
  for (const part of parts) running.update(Buffer.from(part.checksums[name] ?? '', 'base64'));
  return running.digest();
}

function sizeOf(blobs: readonly Blob[]): number {
  return blobs.reduce((sum, blob) => sum + blob.size, 0);
}

function partOf({ number, etag, size, modified_at, blobs, checksums }: PartRow): Part {
  return {
    number,
    etag,
    size,
    modifiedAt: modified_at,
    blobs: fromJson(blobs),
    checksums: fromJson(checksums),
  };
}

function uploadOf({ id, bucket, key, created_at, traits }: UploadRow): Upload {
  return { id, bucket, key, createdAt: created_at, traits: fromJson(traits) };
}
