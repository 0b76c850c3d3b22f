import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { runProgram } from '../packages/cli/src/program.ts';

const ROOT = join(import.meta.dirname, '..');
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

interface Command {
  readonly file: string;
  readonly text: string;
}

/** Every command that a document shows, in a block of shell or in a line: what cannot be run everywhere must at least be there. */
function shownCommands(): readonly Command[] {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  return files.flatMap((file) => {
    const document = readFileSync(join(ROOT, file), 'utf8');
    const blocks = [...document.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'));
    const inline = [...document.matchAll(/`((?:npm |bin\/statebag |statebag [a-z]+ |scripts\/(?:rollback|verify)|npx sls |sls )[^`]*)`/g)].map(
      ([, text = '']) => text,
    );
    return [...blocks, ...inline].map((text) => ({ file, text: text.replace(/\s+#.*$/, '').trim() })).filter(({ text }) => text !== '');
  });
}

const flagsOf = (text: string): readonly string[] => [...text.matchAll(/(?<=\s)--([a-z][a-z0-9-]*)/g)].map(([, flag = '']) => flag);
const missing = (flags: readonly string[], source: string): readonly string[] =>
  flags.filter((flag) => !new RegExp(`(^|[^\\w-])(--)?${flag}($|[^\\w-])`, 'm').test(source));

/** The usage text of a command of the command line; empty where there is none. */
async function helpOf(verbs: readonly string[]): Promise<string> {
  let said = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    }),
  );
  try {
    return (await runProgram([...verbs, '--help'])) === 0 ? said : '';
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** What is wrong with a command; undefined where nothing is, or where it is of another program. */
type Check = (words: readonly string[], command: Command) => Promise<string | undefined> | string | undefined;

const sourceOf = (name: string) => readFileSync(join(ROOT, 'scripts', `${name}.ts`), 'utf8');
const flagProblem = (flags: readonly string[]) => (flags.length === 0 ? undefined : `has no ${flags.map((flag) => `--${flag}`).join(', ')}`);

const npm: Check = ([, first = '', second = ''], { text }) => {
  const name = first === 'run' ? second : first;
  if (!/^[a-z-]+$/.test(name) || name === 'install') return undefined;
  if (!(name in scripts)) return 'is no script';
  return name === 'test' || name === 'start' || !scripts[name]?.includes('scripts/') ? undefined : flagProblem(missing(flagsOf(text), sourceOf(name)));
};

const statebag: Check = async ([, verb = '', sub = ''], { text }) => {
  if (!/^[a-z]+$/.test(verb)) return undefined;
  const help = await helpOf(verb === 'rollout' && /^[a-z]+$/.test(sub) ? [verb, sub] : [verb]);
  return help === '' ? 'is no command' : flagProblem(missing(flagsOf(text), help));
};

const script: Check = ([path = ''], { text }) =>
  existsSync(join(ROOT, path)) ? flagProblem(missing(flagsOf(text), sourceOf(path.replace('scripts/', '')))) : 'is no file';

const sls: Check = (words, { file, text }) => {
  if (!text.includes('--function')) return undefined;
  const given = (flag: string) => words[words.indexOf(flag) + 1] ?? '';
  const { functions = {} }: { functions?: object } = parse(readFileSync(join(ROOT, dirname(file), 'serverless.yml'), 'utf8'));
  if (!(given('--function') in functions)) return 'is no function';
  return existsSync(join(ROOT, dirname(file), given('--path'))) ? undefined : 'is no event';
};

const CHECKS: readonly (readonly [RegExp, Check])[] = [
  [/^npm /, npm],
  [/^(bin\/)?statebag /, statebag],
  [/^scripts\//, script],
  [/^(npx )?sls /, sls],
];

test('every command that a document shows is there, with its options', async () => {
  const problems: string[] = [];
  const seen = new Map<string, Command>(shownCommands().map((command) => [command.text, command]));
  expect(seen.size).toBeGreaterThan(60);
  for (const command of seen.values()) {
    const text = command.text.replace(/^npx (?=sls )/, '').replace(/^\w+=\$\(/, '');
    const check = CHECKS.find(([form]) => form.test(text))?.[1];
    const problem = await check?.(text.split(/\s+/), { ...command, text });
    if (problem !== undefined) problems.push(`${command.file}: ${command.text}: ${problem}`);
  }
  expect(problems).toEqual([]);
});
