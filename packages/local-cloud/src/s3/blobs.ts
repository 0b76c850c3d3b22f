import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Journal, prepare } from '@statebag/states';
import { type ChecksumName, startChecksum } from './checksums.ts';

/** Bytes that objects refer to. Several objects may share one (copies, parts of a multipart upload). */
export interface Blob {
  readonly id: string;
  readonly size: number;
}

/** A body that has arrived whole and is on disk or in memory, but belongs to no object yet. */
export interface StagedBlob extends Blob {
  /** The bytes themselves when they are few enough to live in the database. */
  readonly bytes: Buffer | null;
  /** Hex, and an ETag of a single put. */
  readonly md5: string;
  readonly checksums: Readonly<Partial<Record<ChecksumName, string>>>;
}

export interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Blobs {
  /**
   * Takes a body in; one of more than `inMemory` bytes (default: what the database may hold) goes to a file
   * as it comes.
   */
  stage(
    source: AsyncIterable<Uint8Array>,
    checksums: readonly ChecksumName[],
    inMemory?: number,
  ): Promise<StagedBlob>;
  /** Forgets a staged body that no object will refer to. */
  discard(staged: StagedBlob): void;
  /** Counts one more reference. Inside a journal write. */
  keep(blob: Blob | StagedBlob): void;
  /** Counts one reference less and drops bytes that nothing refers to. Inside a journal write. */
  release(blobs: readonly Blob[]): void;
  /**
   * Streams the bytes of blobs laid end to end. Files are opened at once, so a later release does not break
   * the stream.
   */
  read(blobs: readonly Blob[], range: Range): Readable;
  /**
   * The blobs with the bytes that are there: a file that somebody cut short has fewer than were written.
   * Nothing where a file is gone.
   */
  present(blobs: readonly Blob[]): readonly Blob[] | undefined;
}

/** Bodies up to this size live in the database: one commit makes them durable together with their object. */
const IN_DATABASE_BYTES = 64 * 1024;

/** Which bodies are in files is asked at each start, and not of every row with its bytes. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS s3_blob (id TEXT PRIMARY KEY, size INTEGER NOT NULL, refs INTEGER NOT NULL, bytes BLOB) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS s3_blob_in_file ON s3_blob (id) WHERE bytes IS NULL`;

/**
 * Bodies on disk under `directory`, their references in the journal's database. Files that no row names (a
 * crash while staging) are removed.
 */
export function openBlobs(
  journal: Journal,
  { directory, durable }: { readonly directory: string; readonly durable: boolean },
): Blobs {
  mkdirSync(directory, { recursive: true });
  journal.write(() => journal.db.exec(SCHEMA));
  const insert = prepare(
    journal.db,
    'INSERT INTO s3_blob (id, size, refs, bytes) VALUES (?, ?, 1, ?) ON CONFLICT (id) DO UPDATE SET refs = refs + 1',
  );
  const retain = prepare(journal.db, 'UPDATE s3_blob SET refs = refs + ? WHERE id = ?');
  const unused = prepare<{ in_file: number }>(
    journal.db,
    'SELECT bytes IS NULL AS in_file FROM s3_blob WHERE id = ? AND refs <= 0',
  );
  const drop = prepare(journal.db, 'DELETE FROM s3_blob WHERE id = ?');
  const bytesOf = prepare<{ bytes: Uint8Array | null }>(journal.db, 'SELECT bytes FROM s3_blob WHERE id = ?');
  const pathOf = (id: string): string => join(directory, id);
  const remove = (id: string): void => rmSync(pathOf(id), { force: true });
  sweep(journal, directory);

  return {
    stage: (source, checksums, inMemory = IN_DATABASE_BYTES) =>
      stageBlob(source, { checksums, pathOf, inMemory, durable }),
    discard: (staged) => (staged.bytes === null ? remove(staged.id) : undefined),
    keep: (blob) => {
      if ('bytes' in blob) insert.run(blob.id, blob.size, blob.bytes);
      else retain.run(1, blob.id);
    },
    release: (blobs) => {
      const gone = blobs.filter(({ id }) => retain.run(-1, id) > 0 && unused.get(id) !== undefined);
      const files = gone.filter(({ id }) => unused.get(id)?.in_file === 1);
      for (const { id } of gone) drop.run(id);
      // A file may go only after the row that named it is surely gone.
      if (files.length > 0) void journal.flush().then(() => files.forEach(({ id }) => void remove(id)));
    },
    present: (blobs) =>
      blobs.every((blob) => !isInFile(blob) || existsSync(pathOf(blob.id)))
        ? blobs.map((blob) => (isInFile(blob) ? cutTo(blob, statSync(pathOf(blob.id)).size) : blob))
        : undefined,
    read: (blobs, range) =>
      streamOf(openPieces(blobs, range, { bytesOf: (id) => bytesOf.get(id)?.bytes ?? null, pathOf })),
  };
}

function isInFile({ size }: Blob): boolean {
  return size > IN_DATABASE_BYTES;
}

function cutTo(blob: Blob, size: number): Blob {
  return size < blob.size ? { id: blob.id, size } : blob;
}

interface Staging {
  readonly checksums: readonly ChecksumName[];
  readonly inMemory: number;
  readonly durable: boolean;
  pathOf(id: string): string;
}

async function stageBlob(
  source: AsyncIterable<Uint8Array>,
  { checksums, pathOf, ...keeping }: Staging,
): Promise<StagedBlob> {
  const id = randomUUID();
  const md5 = createHash('md5');
  const running = checksums.map((name) => [name, startChecksum(name)] as const);
  const sink = createSink(pathOf(id), keeping);
  try {
    for await (const chunk of source) {
      md5.update(chunk);
      for (const [, checksum] of running) checksum.update(chunk);
      await sink.write(chunk);
    }
    const bytes = await sink.finish();
    const digests = Object.fromEntries(running.map(([name, checksum]) => [name, checksum.digest()]));
    return { id, size: sink.size(), bytes, md5: md5.digest('hex'), checksums: digests };
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

interface Sink {
  write(chunk: Uint8Array): Promise<void>;
  /** The bytes when they stayed in memory; null when they are safely in the file. */
  finish(): Promise<Buffer | null>;
  abandon(): Promise<void>;
  size(): number;
}

function createSink(path: string, { inMemory, durable }: Pick<Staging, 'inMemory' | 'durable'>): Sink {
  let held: Uint8Array[] = [];
  let size = 0;
  let file: FileHandle | undefined;
  const spill = async (): Promise<FileHandle> => {
    const opened = file ?? (await open(path, 'wx'));
    file = opened;
    for (const chunk of held) await opened.write(chunk);
    held = [];
    return opened;
  };
  return {
    size: () => size,
    write: async (chunk) => {
      held.push(chunk);
      size += chunk.length;
      if (size > inMemory) await spill();
    },
    finish: async () => {
      if (file === undefined) return Buffer.concat(held, size);
      if (durable) await file.sync();
      await file.close();
      return null;
    },
    abandon: async () => {
      await file?.close();
      rmSync(path, { force: true });
    },
  };
}

type Piece = { readonly bytes: Uint8Array } | { readonly fd: number; readonly range: Range };

function openPieces(
  blobs: readonly Blob[],
  range: Range,
  { bytesOf, pathOf }: { bytesOf(id: string): Uint8Array | null; pathOf(id: string): string },
): Piece[] {
  let offset = 0;
  return blobs.flatMap(({ id, size }): Piece[] => {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.end - offset, size);
    offset += size;
    if (start >= end) return [];
    const bytes = bytesOf(id);
    return bytes === null
      ? [{ fd: openSync(pathOf(id), 'r'), range: { start, end } }]
      : [{ bytes: bytes.subarray(start, end) }];
  });
}

/** A stream that is abandoned before its last piece closes the files it did not come to. */
function streamOf(pieces: readonly Piece[]): Readable {
  const unread = new Set(pieces.flatMap((piece) => ('fd' in piece ? [piece.fd] : [])));
  const stream = Readable.from(
    concatenated(pieces, (fd) => unread.delete(fd)),
    { objectMode: false },
  );
  return stream.once('close', () => unread.forEach((fd) => void closeSync(fd)));
}

async function* concatenated(
  pieces: readonly Piece[],
  onOpen: (fd: number) => void,
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if ('bytes' in piece) yield piece.bytes;
    else {
      onOpen(piece.fd);
      yield* createReadStream('', { fd: piece.fd, start: piece.range.start, end: piece.range.end - 1 });
    }
  }
}

function sweep(journal: Journal, directory: string): void {
  const named = new Set(
    prepare<{ id: string }>(journal.db, 'SELECT id FROM s3_blob WHERE bytes IS NULL')
      .all()
      .map(({ id }) => id),
  );
  for (const file of readdirSync(directory))
    if (!named.has(file)) rmSync(join(directory, file), { force: true });
}
