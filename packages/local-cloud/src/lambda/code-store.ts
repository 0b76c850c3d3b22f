import { createHash, randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Bundles by the hash of their bytes, so a version keeps the code it was published with. */
export interface CodeStore {
  put(bundle: Uint8Array): { readonly codeSha256: string; readonly codeSize: number };
  pathOf(codeSha256: string): string;
  /** What a thread runs around a bundle. */
  readonly runtime: URL;
}

const RUNTIME_SOURCE = new URL('./sandbox-runtime.ts', import.meta.url);

/** Bundles as files under `directory`; a file is there whole or not at all. */
export function openCodeStore(directory: string, { durable }: { readonly durable: boolean }): CodeStore {
  mkdirSync(directory, { recursive: true });
  const write = (path: string, bytes: Uint8Array): void => writeWhole(join(directory, `${randomUUID()}.tmp`), path, { bytes, durable });
  const pathOf = (codeSha256: string): string => join(directory, `${codeSha256}.cjs`);
  const runtimePath = join(directory, 'sandbox-runtime.mjs');
  // Stripped once here instead of in every thread: a thread starts in two thirds of the time.
  write(runtimePath, Buffer.from(stripTypeScriptTypes(readFileSync(RUNTIME_SOURCE, 'utf8'))));
  return {
    pathOf,
    runtime: pathToFileURL(runtimePath),
    put: (bundle) => {
      const codeSha256 = createHash('sha256').update(bundle).digest('hex');
      if (!existsSync(pathOf(codeSha256))) write(pathOf(codeSha256), bundle);
      return { codeSha256, codeSize: bundle.length };
    },
  };
}

function writeWhole(temporary: string, path: string, { bytes, durable }: { readonly bytes: Uint8Array; readonly durable: boolean }): void {
  const file = openSync(temporary, 'wx');
  writeSync(file, bytes);
  if (durable) fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
}
