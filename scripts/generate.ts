/**
 * `npm run generate`: writes what is derived from the schemas and the error catalogue; `npm run check` fails
 * when a committed file differs.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { commandOptions } from '@statebag/deployment/command-options';
import { generatedFiles } from './generate/generated-files.ts';

commandOptions('usage: npm run generate', {});
const root = join(import.meta.dirname, '..');
const files = await generatedFiles();
for (const [path, text] of files) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
console.log(`${files.size} files written`);
