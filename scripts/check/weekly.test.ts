import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');
const weekly = parse(readFileSync(join(ROOT, '.github', 'workflows', 'weekly.yml'), 'utf8'));
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const commands: string[] = weekly.jobs.weekly.strategy.matrix.command;
/** The names that a command knows: they are the keys of a table in its source. */
const namesOf = (command: string) => readFileSync(join(ROOT, fileOf(command)), 'utf8');
const fileOf = (command: string): string => /\S+\.ts$/.exec(scripts[command])?.[0] ?? '';

test.each(commands)('%s is a command that exists, with names that it knows', (line) => {
  const [, command = '', names = ''] = /^npm run (\S+)(?: -- (.*))?$/.exec(line) ?? [];
  expect(existsSync(join(ROOT, fileOf(command)))).toBe(true);
  for (const name of names.split(' ').filter(Boolean))
    expect(namesOf(command)).toMatch(new RegExp(`^  '?${name}'?: `, 'm'));
});

test('every law runs every week', () => {
  const laws = [...namesOf('laws').matchAll(/^ {2}'?([\w-]+)'?: \{$/gm)].map(([, name = '']) => name);
  expect(laws.length).toBeGreaterThan(8);
  const run = commands.join(' ').split(' ');
  expect(laws.filter((law) => !run.includes(law))).toEqual([]);
});
