import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A key that the gateway accepts. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const KEY_FILE = 'access-key.json';
const JOURNAL = 'journal.sqlite';
const OWNER_ALONE = { dir: 0o700, file: 0o600 } as const;

/**
 * Makes a data directory that only its owner can read, and that no commit of a repository takes in. A folder
 * with other things in it keeps its mode: there the journal is closed to others, file by file.
 */
export function makePrivate(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: OWNER_ALONE.dir });
  if (isOurs(dataDir)) {
    chmodSync(dataDir, OWNER_ALONE.dir);
    const ignored = join(dataDir, '.gitignore');
    if (!existsSync(ignored)) writeFileSync(ignored, '*\n');
  }
  // SQLite gives the files beside its database the mode of the database.
  const journal = join(dataDir, JOURNAL);
  if (existsSync(journal)) chmodSync(journal, OWNER_ALONE.file);
  else writeFileSync(journal, '', { mode: OWNER_ALONE.file });
}

/** What an owner may put there before the first cloud is opened. */
const BEFORE_THE_FIRST: ReadonlySet<string> = new Set(['secrets', '.gitignore']);

function isOurs(dataDir: string): boolean {
  const names = readdirSync(dataDir);
  return names.includes(JOURNAL) || names.every((name) => BEFORE_THE_FIRST.has(name));
}

/**
 * The key of a data directory's owner: made once, of random bytes, and kept where only the owner reads it.
 */
export function ownerKey(dataDir: string): AccessKey {
  const path = join(dataDir, KEY_FILE);
  if (!existsSync(path)) writeFileSync(path, `${JSON.stringify(newKey())}\n`, { mode: OWNER_ALONE.file });
  chmodSync(path, OWNER_ALONE.file);
  const { accessKeyId, secretAccessKey } = parseKey(path);
  if (typeof accessKeyId === 'string' && typeof secretAccessKey === 'string' && secretAccessKey !== '')
    return { accessKeyId, secretAccessKey };
  throw damaged(path);
}

function newKey(): AccessKey {
  return { accessKeyId: 'local', secretAccessKey: randomBytes(30).toString('base64url') };
}

function parseKey(path: string): { readonly accessKeyId?: unknown; readonly secretAccessKey?: unknown } {
  try {
    return Object(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function damaged(path: string, cause?: unknown): DataDirUnusable {
  return new DataDirUnusable(`${path} holds no access key`, 'delete it: a new key is made', { cause });
}

/** A data directory that no cloud can be opened over. The message says why, and after `mend:` what to do. */
export class DataDirUnusable extends Error {
  override readonly name = 'LocalCloud.DataDirUnusable';

  constructor(problem: string, mend: string, options?: ErrorOptions) {
    super(`${problem}\n  mend: ${mend}`, options);
  }
}

const OTHER_DIR = 'give another folder with --data-dir';
const FREE_IT = 'make it writable for you, or give another folder with --data-dir';
const DAMAGED = 'bring it back from a copy, or give another folder with --data-dir';

/** What the system says of a folder, or SQLite of its database, and what whoever reads it does. */
const PROBLEMS: Readonly<Record<string, readonly [problem: string, mend: string]>> = {
  EEXIST: ['is a file, not a folder', OTHER_DIR],
  ENOTDIR: ['lies below a file, or is one', OTHER_DIR],
  EACCES: ['cannot be written by you', FREE_IT],
  EPERM: ['belongs to another user', FREE_IT],
  EROFS: ['lies on a file system that is read-only', OTHER_DIR],
  ENOSPC: ['lies on a file system that is full', 'make room there'],
  8: ['has a database that is read-only', FREE_IT],
  11: ['has a database that is damaged', DAMAGED],
  13: ['lies on a file system that is full', 'make room there'],
  14: ['has a database that cannot be opened', FREE_IT],
  26: ['has a file journal.sqlite that is no database', DAMAGED],
};

/** The error of a data directory that cannot be used, in a sentence; undefined for any other error. */
export function unusable(dataDir: string, cause: unknown): DataDirUnusable | undefined {
  const { errcode, code, syscall } = Object(cause);
  if (syscall === 'listen') return undefined; // of a port
  // The lower byte of an extended code of SQLite is the code itself.
  const key = typeof errcode === 'number' ? String(errcode & 0xff) : String(code);
  const found = Object.hasOwn(PROBLEMS, key) ? PROBLEMS[key] : undefined;
  if (found === undefined) return undefined;
  const [problem, mend] = found;
  return new DataDirUnusable(`${dataDir} ${problem}`, mend, { cause });
}
