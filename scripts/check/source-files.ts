import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const PATTERNS = ['*.ts', '*.cjs', '*.mjs', '*.js'];

/** Sources that git knows, without generated ones. */
export function sourceFiles(): SourceFile[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', ...PATTERNS],
    { encoding: 'utf8' },
  ).split('\n');
  const paths = listed.filter(
    (path) => path !== '' && !path.includes('/generated/') && !path.endsWith('.d.ts') && existsSync(path),
  );
  return paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

/** A suite, or what suites are made of. */
export function isTest({ path }: SourceFile): boolean {
  return /\.(test|contract)\.ts$|(^|\/)test\//.test(path);
}
