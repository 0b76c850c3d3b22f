import { createHash, randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Bundles by the hash of their bytes, so a version keeps the code it was published with. */
export interface CodeStore {
  put(bundle: Uint8Array): { readonly codeSha256: string; readonly codeSize: number };
  pathOf(codeSha256: string): string;
}

/** Bundles as files under `directory`; a file is there whole or not at all. */
export function openCodeStore(directory: string): CodeStore {
  mkdirSync(directory, { recursive: true });
  const pathOf = (codeSha256: string): string => join(directory, `${codeSha256}.cjs`);
  return {
    pathOf,
    put: (bundle) => {
      const codeSha256 = createHash('sha256').update(bundle).digest('hex');
      if (!existsSync(pathOf(codeSha256))) writeDurably(join(directory, `${randomUUID()}.tmp`), pathOf(codeSha256), bundle);
      return { codeSha256, codeSize: bundle.length };
    },
  };
}

function writeDurably(temporary: string, path: string, bytes: Uint8Array): void {
  const file = openSync(temporary, 'wx');
  writeSync(file, bytes);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
}
