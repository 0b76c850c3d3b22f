import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const SRC = join(import.meta.dirname, '..', 'src');
/** From the ground up. What lies beside the folders stands above all of them. */
const FLOORS = [
  'patterns',
  'apart',
  'expressions',
  'http',
  'answers',
  'secrets',
  'ledger',
  'providers',
  'own',
  'nodes',
  'document',
  'compile',
  'run',
  '.',
];

/** Every module with those that it imports, types included. */
const IMPORTS = new Map(
  readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => [file, importsOf(join(SRC, file))]),
);

function importsOf(path: string): string[] {
  const targets = readFileSync(path, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g);
  return [...targets].map(([, target = '']) => relative(SRC, resolve(dirname(path), target)));
}

const floorOf = (file: string) => FLOORS.indexOf(dirname(file));

test('a folder imports only what stands below it', () => {
  const upwards = [...IMPORTS].flatMap(([file, targets]) =>
    targets.filter((target) => floorOf(target) > floorOf(file)).map((target) => `${file} → ${target}`),
  );
  expect(upwards).toEqual([]);
  expect([...IMPORTS.keys()].filter((file) => floorOf(file) < 0)).toEqual([]);
});

test('no two modules import each other, however far around', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    done.add(file);
    for (const target of IMPORTS.get(file) ?? []) walk(target, [...trail, file]);
  };
  for (const file of IMPORTS.keys()) walk(file, []);
  expect(circles).toEqual([]);
});
