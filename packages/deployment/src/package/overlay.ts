import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Overlay {
  /** Stands for the folder. */
  readonly path: string;
  remove(): void;
}

/** What commands of the framework write into a service's folder. */
const WRITTEN: ReadonlySet<string> = new Set(['.serverless', '.esbuild']);

/**
 * A folder of the app as if it stood elsewhere, most of it links: what a command writes into it stays there,
 * so it may run while another one does in the folder itself.
 */
export function overlay(root: string, folder: string): Overlay {
  const all = join(root, '.package');
  mkdirSync(all, { recursive: true });
  for (const left of readdirSync(all).filter((name) => !isRunning(Number(name.split('.')[0]))))
    rmSync(join(all, left), { recursive: true, force: true });
  const top = mkdtempSync(join(all, `${process.pid}.${basename(folder)}.`));
  const path = join(top, folder);
  mkdirSync(path, { recursive: true });
  for (let below = folder; below !== '.'; below = dirname(below)) {
    // Dependencies are found further up, where they are.
    const others = readdirSync(join(root, dirname(below))).filter(
      (name) => name !== basename(below) && name !== 'node_modules' && !name.startsWith('.'),
    );
    for (const name of others) symlinkSync(join(root, dirname(below), name), join(top, dirname(below), name));
  }
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).filter(
    ({ name }) => !WRITTEN.has(name),
  )) {
    // The framework takes no link for its configuration.
    const put = entry.isFile() ? copyFileSync : symlinkSync;
    put(join(root, folder, entry.name), join(path, entry.name));
  }
  return { path, remove: () => rmSync(top, { recursive: true, force: true }) };
}

/** What a process that was killed left is nobody's. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
