import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from '../generate/generated-files.ts';
import type { Findings } from './check.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Committed derived files are what their sources give. */
export async function checkGenerated(): Promise<Findings> {
  const files = await generatedFiles();
  const stale = [...files].filter(
    ([path, text]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text,
  );
  return { problems: stale.map(([path]) => `${path} differs from its source; run npm run generate`) };
}
