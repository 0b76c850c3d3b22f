import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { runProgram } from '@statebag/cli/program';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..');
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);

function trackedFiles(...patterns: string[]): readonly string[] {
  const listed = execFileSync('git', ['ls-files', ...patterns], { cwd: ROOT, encoding: 'utf8' });
  return listed
    .trim()
    .split('\n')
    .filter((file) => existsSync(join(ROOT, file)));
}

interface Command {
  readonly file: string;
  readonly text: string;
}

/**
 * Every command that a document shows, in a block of shell or in a line: what cannot be run everywhere must
 * at least be there.
 */
function shownCommands(): readonly Command[] {
  return trackedFiles('*.md').flatMap((file) => {
    const document = readFileSync(join(ROOT, file), 'utf8');
    const blocks = [...document.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
      block.replaceAll('\\\n', ' ').split('\n'),
    );
    const inline = [
      ...document.matchAll(
        /`((?:npm |bin\/statebag |statebag [a-z]+ |scripts\/(?:rollback|verify)|npx sls |sls )[^`]*)`/g,
      ),
    ].map(([, text = '']) => text);
    return [...blocks, ...inline]
      .map((text) => ({ file, text: text.replace(/\s+#.*$/, '').trim() }))
      .filter(({ text }) => text !== '');
  });
}

const flagsOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?<=\s)--([a-z][a-z0-9-]*)/g)].map(([, flag = '']) => flag);
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

/** The sources that a command line or a launcher in `scripts/` starts. */
const sourcesOf = (command: string) =>
  (command.match(/(packages|scripts|test)\/[\w/-]+\.ts/g) ?? [])
    .map((path) => readFileSync(join(ROOT, path), 'utf8'))
    .join('\n');
const flagProblem = (flags: readonly string[]) =>
  flags.length === 0 ? undefined : `has no ${flags.map((flag) => `--${flag}`).join(', ')}`;

const npm: Check = ([, first = '', second = ''], { text }) => {
  const name = first === 'run' ? second : first;
  if (!/^[a-z-]+$/.test(name) || ['install', 'create', 'exec'].includes(name)) return undefined;
  if (!(name in scripts)) return 'is no script';
  const source = sourcesOf(scripts[name] ?? '');
  return source === '' ? undefined : flagProblem(missing(flagsOf(text), source));
};

const statebag: Check = async ([, verb = '', sub = ''], { text }) => {
  if (!/^[a-z]+$/.test(verb)) return undefined;
  const help = await helpOf(
    ['rollout', 'queue'].includes(verb) && /^[a-z]+$/.test(sub) ? [verb, sub] : [verb],
  );
  return help === '' ? 'is no command' : flagProblem(missing(flagsOf(text), help));
};

const script: Check = ([path = ''], { text }) =>
  existsSync(join(ROOT, path))
    ? flagProblem(missing(flagsOf(text), sourcesOf(readFileSync(join(ROOT, path), 'utf8'))))
    : 'is no file';

const sls: Check = (words, { file, text }) => {
  if (!text.includes('--function')) return undefined;
  const given = (flag: string) => words[words.indexOf(flag) + 1] ?? '';
  const { functions = {} }: { functions?: object } = parse(
    readFileSync(join(ROOT, dirname(file), 'serverless.yml'), 'utf8'),
  );
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

const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
const HASH = /^[0-9a-f]{32,}$/;
const WORD = /[A-Za-z_$][\w$]*/g;

/** Names that are written in backticks and that no file of ours can have, and why. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...['completions', 'githubusercontent'], // parts of addresses
  ...['$boolean', '$split'], // functions of JSONata
  ...['MessageBody', 'TaskToken', 'cause_masked', 'choice_operators', 'delay_seconds'], // of AWS's records
  ...['maxEntrySize', 'maxSize', 'runInBand'], // options of lru-cache and jest
  // files of the first system
  ...['aws_step_functions', 'aws_step_functions_distributed'],
  ...['aws_step_functions_v3', 'aws_step_functions_distributed_v3'],
]);

/** What backticks in a text name: identifiers, paths, keys. Words with spaces and formulas are left out. */
function namesIn(text: string): readonly string[] {
  const quoted = [...text.matchAll(/`([\w$./@()-]+)`/g)].map(([, name = '']) => name);
  return quoted
    .flatMap((name) => name.match(WORD) ?? [])
    .filter((word) => word.length > 3 && !HASH.test(word));
}

test('every name in backticks, in a comment or a document, is in the code', () => {
  const sources = trackedFiles('*.ts', '*.cjs', '*.mjs').map((file) => ({
    file,
    text: readFileSync(join(ROOT, file), 'utf8'),
  }));
  const others = trackedFiles('*.json', '*.yml', '*.yaml', 'bin/*', 'scripts/*')
    .filter((file) => !/\.ts$/.test(file))
    .map((file) => readFileSync(join(ROOT, file), 'utf8'));
  const code = [...sources.map(({ text }) => text.replace(COMMENT, '')), ...others, ...trackedFiles()];
  const known = new Set(code.flatMap((text) => text.match(WORD) ?? []));
  const documents = trackedFiles('*.md').map((file) => ({
    file,
    text: readFileSync(join(ROOT, file), 'utf8').replace(/```[\s\S]*?```/g, ''),
  }));
  const comments = sources.map(({ file, text }) => ({ file, text: (text.match(COMMENT) ?? []).join('\n') }));
  const unknown = [...documents, ...comments].flatMap(({ file, text }) =>
    namesIn(text)
      .filter((name) => !known.has(name) && !ELSEWHERE.has(name))
      .map((name) => `${file}: ${name}`),
  );
  expect(unknown).toEqual([]);
  expect(known.size).toBeGreaterThan(5_000);
});

test('every link in a document leads to a file', () => {
  const broken = trackedFiles('*.md').flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8').replace(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link.replace(/#.*/, ''));
    return links
      .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
      .filter((link) => !existsSync(join(ROOT, dirname(file), link)))
      .map((link) => `${file}: ${link}`);
  });
  expect(broken).toEqual([]);
});
