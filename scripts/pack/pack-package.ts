import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Published } from './published.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Packed {
  readonly name: string;
  /** The tarball. */
  readonly file: string;
  readonly bytes: number;
  readonly unpackedBytes: number;
}

/** Members of a package.json that npm gets as they stand in the repository. */
const TAKEN = [
  'name',
  'version',
  'description',
  'license',
  'type',
  'sideEffects',
  'peerDependencies',
  'keywords',
];

/**
 * Builds a package in a folder of its own and packs that: nothing of the workspace comes along by
 * accident.
 */
export async function packPackage({ folder, build }: Published, out: string): Promise<Packed> {
  const staged = mkdtempSync(join(tmpdir(), 'statebag-pack-'));
  try {
    const own: Readonly<Record<string, unknown>> = JSON.parse(
      readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
    );
    const taken = Object.fromEntries(Object.entries(own).filter(([name]) => TAKEN.includes(name)));
    const manifest = { ...taken, ...repositoryOf(folder), ...(await build(staged)) };
    writeFileSync(join(staged, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    copyFileSync(join(ROOT, 'LICENSE'), join(staged, 'LICENSE'));
    const readme = join(ROOT, folder, 'README.md');
    if (existsSync(readme))
      writeFileSync(join(staged, 'README.md'), publicLinks(readFileSync(readme, 'utf8'), folder));
    const said = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], {
      cwd: staged,
      encoding: 'utf8',
    });
    const [{ filename, size, unpackedSize, name }] = JSON.parse(said);
    return { name, file: join(out, filename), bytes: size, unpackedBytes: unpackedSize };
  } finally {
    rmSync(staged, { recursive: true });
  }
}

const REPOSITORY = 'https://github.com/statebag/statebag';

function repositoryOf(folder: string): object {
  return {
    homepage: `${REPOSITORY}/tree/main/${folder}#readme`,
    bugs: `${REPOSITORY}/issues`,
    repository: { type: 'git', url: `git+${REPOSITORY}.git`, directory: folder },
    publishConfig: { access: 'public', provenance: true },
  };
}

/** Links of a README that lead out of its folder lead to the repository on the page of npm. */
function publicLinks(text: string, folder: string): string {
  return text.replaceAll(/\]\((\.\.?\/[^)]+)\)/g, (_, link: string) => {
    const { pathname } = new URL(link, `https://repository/${folder}/`);
    return `](${REPOSITORY}/blob/main${pathname})`;
  });
}
