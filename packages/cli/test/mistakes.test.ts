import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { start, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
afterAll(() => folder.remove());

const TRANSFORM = { id: 'a', type: 'data_transform', output_key: 'x', config: { transform: '{% 1 %}' } };
const workflow = (nodes: unknown[], edges: unknown[] = []) => ({ name: 'w', version: '1', nodes, edges });
const two = (id: string) => [TRANSFORM, { ...TRANSFORM, id }];
const VALID = folder.file('valid.json', workflow([TRANSFORM]));
const TAKES_TOPIC = folder.file(
  'takes-topic.json',
  workflow(
    [
      {
        id: 'in',
        type: 'input',
        config: { fields: ['topic'], schema: { properties: { topic: { type: 'string' } } } },
      },
      TRANSFORM,
    ],
    [{ from: 'in', to: 'a' }],
  ),
);

/** What a user got wrong, the words that must name it, and how the command line was called. */
const MISTAKES: [string, RegExp, () => string[]][] = [
  [
    'invalid JSON',
    /broken\.json:1:\d+: error: .*\n {2}mend: /,
    () => ['run', folder.file('broken.json', '{ "name": ')],
  ],
  [
    'quotas that are none',
    /--quotas .*quotas\.json: s3\.deletes has to be left out: .*\n {2}mend: /,
    () => ['dev', '--quotas', folder.file('quotas.json', { 's3.deletes': { bucket: 1, per_second: 1 } })],
  ],
  [
    'an unknown node type',
    /error: \$\.nodes\[0\]\.type: .*teleport.*\n {2}mend: /,
    () => ['run', folder.file('type.json', workflow([{ ...TRANSFORM, type: 'teleport' }]))],
  ],
  [
    'a duplicate id',
    /error: \$\.nodes\[1\]\.id: .*"?a"?.*\n {2}mend: /,
    () => ['run', folder.file('duplicate.json', workflow(two('a')))],
  ],
  [
    'a dangling edge',
    /error: \$\.edges\[0\]\.to: .*ghost.*\n {2}mend: /,
    () => ['run', folder.file('edge.json', workflow([TRANSFORM], [{ from: 'a', to: 'ghost' }]))],
  ],
  [
    'a cycle',
    /error: \$\.nodes\[0\]: .*circle: a → b → a\n {2}mend: .*loop/,
    () => [
      'run',
      folder.file(
        'cycle.json',
        workflow(two('b'), [
          { from: 'a', to: 'b' },
          { from: 'b', to: 'a' },
        ]),
      ),
    ],
  ],
  [
    'an id that climbs',
    /error: \$\.nodes\[0\]\.id: .*\.\.\/x.*\n {2}mend: /,
    () => ['run', folder.file('climb.json', workflow([{ ...TRANSFORM, id: '../x' }]))],
  ],
  [
    'an input that lacks a field, which is misspelt',
    /few\.json: \$\.topic: the workflow needs "topic", .*\n {2}mend: write "topic" instead of "topci"/,
    () => ['run', TAKES_TOPIC, '--input', folder.file('few.json', { topci: 'a' })],
  ],
  [
    'an input that does not obey the schema',
    /unfit\.json: \$\.topic: .*number.*\n {2}mend: /,
    () => ['run', TAKES_TOPIC, '--input', folder.file('unfit.json', { topic: 7 })],
  ],
  [
    'an input with a key that stands twice',
    /twice\.json:1:\d+: the key "topic" stands here a second time\n {2}mend: /,
    () => ['run', TAKES_TOPIC, '--input', folder.file('twice.json', '{"topic": "a", "topic": "b"}')],
  ],
  [
    'an input with digits that a number cannot hold',
    /digits\.json:1:\d+: 9007199254740993 is beyond 2\^53.*\n {2}mend: /,
    () => ['run', TAKES_TOPIC, '--input', folder.file('digits.json', '{"topic": 9007199254740993}')],
  ],
  [
    'an upload without its file',
    /--upload a\.png=.*nowhere\.png is no file\n {2}mend: /,
    () => ['run', VALID, '--upload', `a.png=${join(folder.path, 'nowhere.png')}`],
  ],
  [
    'an upload whose name climbs',
    /--upload \.\.\/a\.png=.*no name of an upload.*\n {2}mend: /,
    () => ['run', VALID, '--upload', `../a.png=${VALID}`],
  ],
  [
    'an unreadable workflow',
    /nowhere\.json: cannot be read \(ENOENT\)\n {2}mend: /,
    () => ['run', join(folder.path, 'nowhere.json')],
  ],
  [
    'an unreadable input',
    /nowhere\.json: cannot be read \(ENOENT\)\n {2}mend: /,
    () => ['run', VALID, '--input', join(folder.path, 'nowhere.json')],
  ],
  [
    'an input that is not JSON',
    /in1\.json:1:6: this is not JSON: .*\n {2}mend: /,
    () => ['run', VALID, '--input', folder.file('in1.json', '{"a":')],
  ],
  [
    'an input in UTF-16',
    /in16\.json: is not a text in UTF-8\n {2}mend: save it in UTF-8/,
    () => {
      const path = join(folder.path, 'in16.json');
      writeFileSync(path, Buffer.from('\uFEFF{"topic": "x"}', 'utf16le'));
      return ['run', TAKES_TOPIC, '--input', path];
    },
  ],
  [
    'an input that is a list',
    /in2\.json: \$: the input is not a JSON object\n {2}mend: /,
    () => ['run', VALID, '--input', folder.file('in2.json', [1])],
  ],
  [
    'a test switch in the input',
    /in3\.json: \$\.MOCK_MODE: .*is a test switch.*\n {2}mend: /,
    () => ['run', VALID, '--input', folder.file('in3.json', { MOCK_MODE: true })],
  ],
  [
    'a test switch in the input',
    /in4\.json: \$\.MOCK_MODE: .*\n {2}mend: /,
    () => ['run', VALID, '--input', folder.file('in4.json', { MOCK_MODE: true })],
  ],
  ['an unknown option', /unknown option '--nope'/, () => ['run', VALID, '--nope']],
  ['an unknown command', /unknown command 'fly'/, () => ['fly']],
  ['a run that is not there', /no such data directory\n {2}mend: /, () => ['show', 'r1']],
  ['a backtest of nothing', /backtest: nothing says what is tried\n {2}mend: /, () => ['backtest']],
  [
    'runs of a backtest that name no filter',
    /--runs "age=7d": not one of status, .*\n {2}mend: /,
    () => ['backtest', '--workflow', VALID, '--runs', 'age=7d'],
  ],
  [
    'a judge of a backtest that is no expression',
    /--judge: .*\n {2}mend: write an expression over before, after and different/,
    () => ['backtest', '--workflow', VALID, '--judge', 'after.('],
  ],
  [
    'a backtest where no run was',
    /no such data directory\n {2}mend: /,
    () => ['backtest', '--resume', 'bt-1'],
  ],
  [
    'a backtest that goes on with another workflow',
    /--workflow does not go with --resume.*\n {2}mend: /,
    () => ['backtest', '--resume', 'bt-1', '--workflow', VALID],
  ],
  [
    'an amount that is none',
    /--max-cost much: not an amount in dollars\n {2}mend: /,
    () => ['backtest', '--workflow', VALID, '--max-cost', 'much'],
  ],
  ['a replay of nothing', /no such data directory\n {2}mend: /, () => ['replay', 'r1']],
];

describe('a mistake ends with exit code 2, one message that names place and mend, and nothing written', () => {
  test.each(MISTAKES)('%s', async (_name, words, args) => {
    const dataDir = join(folder.path, 'never-made');
    const command = args();
    const options = command[0] === 'fly' ? [] : ['--data-dir', dataDir];
    const { code, stdout, stderr } = await statebag(...command, ...options);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(dataDir)).toBe(false);
  });
});

test('validate lists every problem, not the first only', async () => {
  const nodes = [TRANSFORM, { ...TRANSFORM, id: 'b', type: 'teleport' }, { ...TRANSFORM, id: '../x' }];
  const { code, stdout } = await statebag(
    'validate',
    folder.file('many.json', workflow(nodes, [{ from: 'a', to: 'ghost' }])),
    '--json',
  );
  const { diagnostics }: { diagnostics: { code: string }[] } = JSON.parse(stdout);
  expect(code).toBe(2);
  expect(diagnostics.map((each) => each.code)).toEqual(['unknown-type', 'bad-id', 'dangling-edge']);
});

test('list, where nothing was deployed yet, lists nothing', async () => {
  const empty = join(folder.path, 'empty');
  mkdirSync(empty);
  expect(await statebag('list', '--json', '--data-dir', empty)).toMatchObject({
    code: 0,
    stdout: '[]\n',
    stderr: '',
  });
});

/** A data directory that no cloud can be opened over, and the words for it. */
const UNUSABLE: [string, RegExp, (path: string) => string][] = [
  [
    'is a file',
    /is a file, not a folder\n {2}mend: give another folder/,
    (path) => folder.file(path, 'some text'),
  ],
  [
    'has a damaged database',
    /journal\.sqlite that is no database\n {2}mend: bring it back/,
    (path) => withFile(path, 'journal.sqlite', 'this was a database once '.repeat(400)),
  ],
  [
    'has a key file without a key',
    /access-key\.json holds no access key\n {2}mend: delete it/,
    (path) => withFile(path, 'access-key.json', '{}'),
  ],
];

function withFile(path: string, name: string, content: string): string {
  mkdirSync(join(folder.path, path));
  writeFileSync(join(folder.path, path, name), content);
  return join(folder.path, path);
}

describe('a data directory that cannot be used is a sentence for every command', () => {
  test.each(UNUSABLE)('%s', async (name, words, make) => {
    const dataDir = make(name.replaceAll(' ', '-'));
    for (const command of [['list'], ['show', 'r1'], ['run', VALID]]) {
      const { code, stdout, stderr } = await statebag(...command, '--data-dir', dataDir);
      expect({ command, code, stdout }).toEqual({ command, code: 2, stdout: '' });
      expect(stderr).toMatch(words);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});

test('run --json prints one object also where nothing is run, with every problem in it', async () => {
  const nodes = [TRANSFORM, { ...TRANSFORM, id: 'b', type: 'teleport' }, { ...TRANSFORM, id: '../x' }];
  const path = folder.file('refused.json', workflow(nodes));
  const { code, stdout, stderr } = await statebag('run', path, '--json');
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    execution_id: null,
    status: 'INVALID',
    output: null,
    error: { name: 'UsageError', message: stderr.trimEnd() },
    diagnostics: [{ code: 'unknown-type' }, { code: 'bad-id' }],
  });
  const missing = await statebag('run', VALID, '--input', join(folder.path, 'nowhere.json'), '--json');
  expect(JSON.parse(missing.stdout)).toMatchObject({ status: 'INVALID', diagnostics: [] });
});

test('whoever stops reading ends nothing with an error', async () => {
  const { child, finished } = start(['show', '--help']);
  child.stdout?.destroy();
  expect(await finished).toMatchObject({ code: 0, stderr: '' });
});
