import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { create } from './create.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statebag-create-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('makes a folder with workflow, input, test, settings and a name of its own', () => {
  expect(create(join(folder, 'My-App'), { statebag: '../statebag.tgz', node: '../node.tgz' })).toBe('my-app');
  const made = readdirSync(join(folder, 'My-App'), { recursive: true }).map(String).sort();
  expect(made).toEqual(
    expect.arrayContaining([
      '.gitignore',
      'README.md',
      'nodes/greeting.ts',
      'package.json',
      'serverless.yml',
      'statebag.config.yaml',
      'tests/greeting.test.mjs',
      'workflows/greeting.input.json',
      'workflows/greeting.json',
    ]),
  );
  expect(JSON.parse(readFileSync(join(folder, 'My-App', 'package.json'), 'utf8'))).toMatchObject({
    name: 'my-app',
    dependencies: { statebag: '../statebag.tgz', '@statebag/node': '../node.tgz' },
  });
});

test('deploys under its own name, with the framework and the bundler of the repository', () => {
  create(join(folder, 'app'));
  const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
  expect(read(folder, 'app', 'serverless.yml')).toMatch(/^service: "app"$/m);
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read(folder, 'app', 'package.json'));
  const root = join(import.meta.dirname, '..', '..', '..');
  const { serverless } = JSON.parse(read(root, 'package.json')).devDependencies;
  const [, esbuild] = /^ {2}esbuild: (\d\S*)$/m.exec(read(root, 'pnpm-workspace.yaml')) ?? [];
  for (const verb of ['deploy', 'remove'])
    expect(scripts[verb]).toBe(
      `npx --yes --package ${serverless.replace('npm:', '')} --package esbuild@${esbuild} -- osls ${verb}`,
    );
});

test('depends on its own version of statebag where nothing else is said', () => {
  create(join(folder, 'app'));
  expect(readFileSync(join(folder, 'app', 'package.json'), 'utf8')).toMatch(/"statebag": "\^\d+\.\d+\.\d+"/);
});

test('overwrites nothing, and refuses what cannot be a name', () => {
  writeFileSync(join(folder, 'kept'), '');
  expect(() => create(folder)).toThrow(/is not empty\n {2}mend: /);
  expect(readdirSync(folder)).toEqual(['kept']);
  expect(() => create(join(folder, 'an app'))).toThrow(/cannot be the name of a package/);
});
