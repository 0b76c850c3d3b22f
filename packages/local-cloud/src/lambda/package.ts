import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { unzipSync } from 'fflate';

/** The names of the files in a package, without reading them. */
export function filesIn(archive: Uint8Array): string[] {
  const names: string[] = [];
  unzipSync(archive, {
    filter: ({ name }) => {
      if (!name.endsWith('/')) names.push(name);
      return false;
    },
  });
  return names;
}

/** Writes a package's files into a folder. All may be executed, as one of them may be the whole runtime. */
export function unpack(archive: Uint8Array, folder: string): void {
  const files = Object.entries(unzipSync(archive)).filter(([name]) => !name.endsWith('/'));
  const placed = files.map(([name, bytes]) => [join(folder, insideOf(name)), bytes] as const);
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of placed) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { mode: 0o755 });
  }
}

/** @throws for a name that leads out of the package's folder */
function insideOf(name: string): string {
  const path = normalize(name);
  if (path.startsWith('..') || path.startsWith('/'))
    throw new Error(`the package has a file ${name}, which leads out of it`);
  return path;
}
