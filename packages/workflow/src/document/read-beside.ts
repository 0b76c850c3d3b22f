import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';

/** The text of a file beside a document, or why it cannot be had. */
export type BesideText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: 'file-not-found' | 'file-refused'; readonly problem: string };

/** Reads a file by its path relative to the document. */
export type ReadBeside = (path: string) => BesideText;

/** Whoever has no files beside a document. */
export const NOTHING_BESIDE: ReadBeside = (path) => notFound(path);

/** Files that are held as texts, by their paths. */
export function textsBeside(texts: Readonly<Record<string, string>>): ReadBeside {
  return (path) => {
    const text = Object.hasOwn(texts, path) ? texts[path] : undefined;
    if (leadsOut(path) || text === undefined) return notFound(path);
    return { ok: true, text };
  };
}

/**
 * Reads files that lie in a folder or below it, links followed: a link that leads out of it is refused, and
 * so is whatever is no plain file, before it is opened. So nothing outside is read, and nothing is waited
 * for.
 */
export function filesBeside(folder: string): ReadBeside {
  return (path) => {
    if (leadsOut(path)) return refused(path, 'leads out of the folder of the workflow', 'file-not-found');
    const target = realPathOf(join(folder, path));
    if (target === undefined) return notFound(path);
    if (leadsOut(relative(realpathSync(folder), target)))
      return refused(path, 'leads out of the folder of the workflow through a link');
    return plainText(path, target);
  };
}

/** The same for a document that lies in a folder below: it reads what is beside it or below. */
export function belowFolder(folder: string, readFile: ReadBeside): ReadBeside {
  return (path) =>
    leadsOut(path)
      ? refused(path, 'leads out of the folder of the workflow', 'file-not-found')
      : readFile(posix.join(folder, path));
}

/** Whether a relative path climbs above where it begins. */
function leadsOut(path: string): boolean {
  return (
    isAbsolute(path) || /^(?:[A-Za-z]:|[\\/])|(?:^|[\\/])\.\.(?:[\\/]|$)/.test(path) || path === `..${sep}`
  );
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']);

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (ABSENT.has(code)) return undefined;
    if (code === 'ELOOP' || code === 'EACCES') return path; // what is wrong is found when it is opened
    throw error;
  }
}

function plainText(path: string, target: string): BesideText {
  try {
    if (!lstatSync(target).isFile()) return refused(path, 'is not a plain file');
    // it may have been replaced meanwhile: a link is not followed, and a pipe is not waited for
    const descriptor = openSync(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile()) return refused(path, 'is not a plain file');
      if (stat.size > WORKFLOW_LIMITS.fileBytes)
        return refused(path, `has ${stat.size} bytes; at most ${WORKFLOW_LIMITS.fileBytes} are allowed`);
      return decoded(path, readFileSync(descriptor));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === '') throw error;
    return refused(path, `cannot be read (${code})`);
  }
}

function decoded(path: string, bytes: Uint8Array): BesideText {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes)
    ? { ok: true, text: text.replace(/^\uFEFF/, '') }
    : refused(path, 'is not a text in UTF-8');
}

function notFound(path: string): BesideText {
  return { ok: false, code: 'file-not-found', problem: `there is no file ${JSON.stringify(path)}` };
}

function refused(
  path: string,
  problem: string,
  code: 'file-not-found' | 'file-refused' = 'file-refused',
): BesideText {
  return { ok: false, code, problem: `the file ${JSON.stringify(path)} ${problem}` };
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
