import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from './check.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WALLS = join(import.meta.dirname, 'walls.cjs');
const CRUISE = join(ROOT, 'node_modules', '.bin', 'depcruise');

export const checkImports = (): Findings => importsIn(ROOT);

/** Imports keep to the floors of walls.cjs, and make no circle, at run time nor for types. */
export function importsIn(root: string): Findings {
  const folders = ['packages', 'services', 'stepfunctions', 'scripts', 'test'];
  const { status, stdout, stderr } = spawnSync(
    CRUISE,
    [
      '--config',
      WALLS,
      '--output-type',
      'json',
      ...folders.filter((folder) => existsSync(join(root, folder))),
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  if (stdout === '') throw new Error(`dependency-cruiser ended with ${status}: ${stderr}`);
  const { summary } = JSON.parse(stdout) as Cruised; // parse boundary: dependency-cruiser's own report
  const problems = summary.violations.map(({ from, to, rule, cycle }) =>
    cycle === undefined
      ? `${from} imports ${to}: ${rule.name}`
      : `${[from, ...cycle.map(({ name }) => name)].join(' -> ')}: ${rule.name}`,
  );
  return { problems, report: `${summary.totalCruised} files, ${summary.totalDependenciesCruised} imports` };
}

interface Cruised {
  readonly summary: {
    readonly totalCruised: number;
    readonly totalDependenciesCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
      /** The way round, where the rule is about circles. */
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
}
