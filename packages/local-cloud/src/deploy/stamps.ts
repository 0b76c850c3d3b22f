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

/**
 * The stamps of files that are what they were, and undefined where one is not. Equal size and time is taken for equal
 * content; another time (a fresh checkout) is decided by the content, and gives other stamps. An app has thousands of
 * inputs: asking for each in turn takes a tenth of asking for all at once.
 */
export function stampsNow(stamps: Stamps, looked: LookedAt = new Map()): Stamps | undefined {
  let result = stamps;
  for (const [path, stamp] of Object.entries(stamps)) {
    if (!looked.has(path)) looked.set(path, statSync(path, { throwIfNoEntry: false }));
    const now = looked.get(path);
    if (now === undefined || now.size !== stamp.size) return undefined;
    if (now.mtimeMs === stamp.modifiedAt) continue;
    if (sha256Of(path) !== stamp.sha256) return undefined;
    result = { ...result, [path]: { ...stamp, modifiedAt: now.mtimeMs } };
  }
  return result;
}

function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
