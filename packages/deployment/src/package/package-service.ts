import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import { runServerless } from '../serverless.ts';
import { overlay } from './overlay.ts';
import type { Template } from './template.ts';
import { problemsOf } from './template-rules.ts';

export interface Packaged {
  readonly folder: string;
  readonly problems: readonly string[];
  /** Sizes of the artefacts, for the reader. */
  readonly summary: string;
  readonly seconds: number;
}

export interface PackageOptions {
  readonly root: string;
  /** Further options of `serverless package`. */
  readonly options?: readonly string[];
  /** Undefined: the rules of templates, which marks in the place of numbers break. */
  readonly check?: (template: Template) => readonly string[];
  /** Told of each as soon as it is packaged, and where the artefacts lie, which are gone afterwards. */
  readonly each?: (packaged: Packaged, artefacts: string) => void;
}

/** The framework is one thread of JavaScript, and esbuild is busy only in between. */
const AT_ONCE = 2;
const TIMEOUT_MS = 180_000;

/**
 * Packages folders as `serverless package` does, and checks their templates. The folders themselves stay as
 * they are.
 */
export function packageServices(folders: readonly string[], options: PackageOptions): Promise<Packaged[]> {
  return eachBounded(folders, AT_ONCE, (folder) => packageService(folder, options));
}

async function packageService(
  folder: string,
  { root, options = [], check = problemsOf, each }: PackageOptions,
): Promise<Packaged> {
  const started = performance.now();
  const { path, remove } = overlay(root, folder);
  try {
    const { code, stdout, stderr } = await runServerless(
      { cwd: path, args: ['package', ...options] },
      TIMEOUT_MS,
    );
    const seconds = (performance.now() - started) / 1000;
    const artefacts = join(path, '.serverless');
    const packaged =
      code === 0
        ? {
            folder,
            problems: templateProblems(join(artefacts, 'cloudformation-template-update-stack.json'), check),
            summary: sizesIn(artefacts),
            seconds,
          }
        : {
            folder,
            problems: `${stdout}\n${stderr}`.trim().split('\n').slice(-20),
            summary: 'not packaged',
            seconds,
          };
    each?.(packaged, artefacts);
    return packaged;
  } finally {
    remove();
  }
}

function templateProblems(path: string, check: typeof problemsOf): readonly string[] {
  if (!existsSync(path)) return ['no template was written'];
  const template: Template = JSON.parse(readFileSync(path, 'utf8'));
  return check(template);
}

function sizesIn(artefacts: string): string {
  const zips = readdirSync(artefacts).filter((file) => file.endsWith('.zip'));
  return (
    zips.map((zip) => `${zip} ${Math.ceil(statSync(join(artefacts, zip)).size / 1024)} KB`).join(', ') ||
    'no code'
  );
}
