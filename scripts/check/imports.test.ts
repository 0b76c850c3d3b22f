import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { importsIn } from './imports.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** What is found in a house of these files; every package exports its `src/index.ts` under its name. */
function found(files: Readonly<Record<string, string>>): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'walls-'));
  roots.push(root);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const packages = new Set(
    Object.keys(files).flatMap((path) => /^(?:packages|services)\/[^/]+/.exec(path)?.[0] ?? []),
  );
  mkdirSync(join(root, 'node_modules', '@statebag'), { recursive: true });
  for (const path of packages) {
    const name = `@statebag/${path.slice(path.indexOf('/') + 1)}`;
    write(join(path, 'package.json'), JSON.stringify({ name, exports: { '.': './src/index.ts' } }));
    symlinkSync(join(root, path), join(root, 'node_modules', name));
  }
  return importsIn(root).problems;
}

const A = 'export const a = 1;\n';
const FROM = (name: string) => `import { a } from '@statebag/${name}';\nexport const b = a;\n`;

test('a house that keeps to its floors is left alone', () => {
  expect(
    found({
      'packages/contracts/src/index.ts': A,
      'packages/state-core/src/index.ts': FROM('contracts'),
      'packages/local-cloud/src/index.ts': A,
      'packages/runs/src/runs.test.ts': FROM('local-cloud'),
      'services/async-llm/src/handler.ts': FROM('state-core'),
      'services/async-llm/src/step.ts': `import { b } from './handler.ts';\nexport const c = b;\n`,
    }),
  ).toEqual([]);
}, 60_000);

describe('a wall that is broken is found:', () => {
  test.each<[string, string, Record<string, string>]>([
    [
      'a package imports a higher one',
      'packages/state-core/src/index.ts imports packages/workflow/src/index.ts: floor 1: state-core, ',
      { 'packages/workflow/src/index.ts': A, 'packages/state-core/src/index.ts': FROM('workflow') },
    ],
    [
      'only for a type',
      'packages/runs/src/index.ts imports packages/steps/src/index.ts: floor 3: runs, ',
      {
        'packages/steps/src/index.ts': 'export type a = 1;\n',
        'packages/runs/src/index.ts': `import type { a } from '@statebag/steps';\nexport type b = a;\n`,
      },
    ],
    [
      'a package imports a service',
      'packages/cost/src/index.ts imports services/shadow/src/index.ts: floor 5: cost, ',
      { 'services/shadow/src/index.ts': A, 'packages/cost/src/index.ts': FROM('shadow') },
    ],
    [
      'the command line imports a service',
      'packages/cli/src/index.ts imports services/shadow/src/index.ts: no package imports a service',
      { 'services/shadow/src/index.ts': A, 'packages/cli/src/index.ts': FROM('shadow') },
    ],
    [
      'the local cloud imports the house',
      'packages/local-cloud/src/index.ts imports packages/contracts/src/index.ts: local-cloud stands alone',
      { 'packages/contracts/src/index.ts': A, 'packages/local-cloud/src/index.ts': FROM('contracts') },
    ],
    [
      'a service imports another',
      'services/async-llm/src/index.ts imports services/shadow/src/index.ts: no service imports another',
      { 'services/shadow/src/index.ts': A, 'services/async-llm/src/index.ts': FROM('shadow') },
    ],
    [
      'a test of a package imports a script',
      'packages/runs/test/a.test.ts imports scripts/a.ts: packages import nothing of scripts and test',
      {
        'scripts/a.ts': A,
        'packages/runs/test/a.test.ts': `import { a } from '../../../scripts/a.ts';\na;\n`,
      },
    ],
    [
      'what is shipped imports a test',
      'packages/runs/src/index.ts imports packages/runs/test/build.ts: what is shipped imports no test',
      {
        'packages/runs/test/build.ts': A,
        'packages/runs/src/index.ts': `import { a } from '../test/build.ts';\nexport const b = a;\n`,
      },
    ],
    [
      'past the exports of a package',
      'packages/runs/src/index.ts imports packages/contracts/src/inner.ts: through the package name',
      {
        'packages/contracts/src/inner.ts': A,
        'packages/runs/src/index.ts': `import { a } from '../../contracts/src/inner.ts';\nexport const b = a;\n`,
      },
    ],
    [
      'a circle',
      'packages/runs/src/a.ts -> packages/runs/src/b.ts -> packages/runs/src/a.ts: no circle',
      {
        'packages/runs/src/a.ts': `import { b } from './b.ts';\nexport const a = () => b;\n`,
        'packages/runs/src/b.ts': `import { a } from './a.ts';\nexport const b = () => a;\n`,
      },
    ],
    [
      'a circle of types',
      'packages/runs/src/a.ts -> packages/runs/src/b.ts -> packages/runs/src/a.ts: no circle',
      {
        'packages/runs/src/a.ts': `import type { B } from './b.ts';\nexport interface A { b: B }\n`,
        'packages/runs/src/b.ts': `import { type A } from './a.ts';\nexport interface B { a: A }\n`,
      },
    ],
    [
      'a circle of passed-on types',
      'packages/runs/src/a.ts -> packages/runs/src/b.ts -> packages/runs/src/a.ts: no circle',
      {
        'packages/runs/src/a.ts': `export type { B } from './b.ts';\nexport interface A { b: 1 }\n`,
        'packages/runs/src/b.ts': `export interface B { a: import('./a.ts').A }\n`,
      },
    ],
  ])(
    '%s',
    (_, problem, files) => expect(found(files)).toContainEqual(expect.stringContaining(problem)),
    60_000,
  );
});
