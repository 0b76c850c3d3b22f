import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** What a file was when something was made of it. */
export interface Stamp {
  readonly size: number;
  readonly modifiedAt: number;
  readonly sha256: string;
}

/** Files by their paths. */
export type Stamps = Readonly<Record<string, Stamp>>;

/** Files by their paths, as they were when they were looked at. */
export type LookedAt = Map<string, { readonly size: number; readonly mtimeMs: number } | undefined>;

export function stampAll(paths: readonly string[]): Stamps {
  const stamps = paths.map((path) => {
    const { size, mtimeMs } = statSync(path);
    return [path, { size, modifiedAt: mtimeMs, sha256: sha256Of(path) }] as const;
  });
  return Object.fromEntries(stamps);
}

/** Whether all of them are what they were. */
export function areUnchanged(stamps: Stamps, looked: LookedAt = new Map()): boolean {
  return Object.entries(stamps).every(([path, stamp]) => isUnchanged(path, stamp, looked));
}

/**
 * Equal size and time is taken for equal content; another time (a fresh checkout) is decided by the content.
 * An app has thousands of inputs: asking for each in turn takes a tenth of asking for all at once.
 */
function isUnchanged(path: string, stamp: Stamp, looked: LookedAt): boolean {
  if (!looked.has(path)) looked.set(path, statSync(path, { throwIfNoEntry: false }));
  const now = looked.get(path);
  if (now === undefined || now.size !== stamp.size) return false;
  return now.mtimeMs === stamp.modifiedAt || sha256Of(path) === stamp.sha256;
}

function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
