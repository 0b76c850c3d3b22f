import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { statebag, workFolder } from './statebag.ts';

const folder = workFolder();
afterAll(() => folder.remove());

const TRANSFORM = { id: 'a', type: 'data_transform', output_key: 'x', config: { transform: '{% 1 %}' } };
const workflow = (nodes: unknown[], edges: unknown[] = []) => ({ name: 'w', version: '1', nodes, edges });
const two = (id: string) => [TRANSFORM, { ...TRANSFORM, id }];
const VALID = folder.file('valid.json', workflow([TRANSFORM]));

/** What a user got wrong, the words that must name it, and how the command line was called. */
const MISTAKES: [string, RegExp, () => string[]][] = [
  ['invalid JSON', /broken\.json:1:\d+: error: .*\n {2}mend: /, () => ['run', folder.file('broken.json', '{ "name": ')]],
  [
    'an unknown node type',
    /error: \$\.nodes\[0\]\.type: .*teleport.*\n {2}mend: /,
    () => ['run', folder.file('type.json', workflow([{ ...TRANSFORM, type: 'teleport' }]))],
  ],
  ['a duplicate id', /error: \$\.nodes\[1\]\.id: .*"?a"?.*\n {2}mend: /, () => ['run', folder.file('duplicate.json', workflow(two('a')))]],
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
  ['an unreadable workflow', /nowhere\.json: cannot be read \(ENOENT\)\n {2}mend: /, () => ['run', join(folder.path, 'nowhere.json')]],
  ['an unreadable input', /nowhere\.json: cannot be read \(ENOENT\)\n {2}mend: /, () => ['run', VALID, '--input', join(folder.path, 'nowhere.json')]],
  ['an input that is not JSON', /in1\.json: not valid JSON: .*\n {2}mend: /, () => ['run', VALID, '--input', folder.file('in1.json', '{"a":')]],
  ['an input that is a list', /in2\.json: \$: the input is not a JSON object\n {2}mend: /, () => ['run', VALID, '--input', folder.file('in2.json', [1])]],
  [
    'a pointer look-alike in the input',
    /in3\.json: \$\.doc: .*looks like a pointer.*\n {2}mend: /,
    () => ['run', VALID, '--input', folder.file('in3.json', { doc: { type: 's3_reference', s3_path: 's3://b/x' } })],
  ],
  ['a test switch in the input', /in4\.json: \$\.MOCK_MODE: .*\n {2}mend: /, () => ['run', VALID, '--input', folder.file('in4.json', { MOCK_MODE: true })]],
  ['an unknown option', /unknown option '--nope'/, () => ['run', VALID, '--nope']],
  ['an unknown command', /unknown command 'fly'/, () => ['fly']],
  ['a run that is not there', /no such data directory\n {2}mend: /, () => ['show', 'r1']],
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
  const { code, stdout } = await statebag('validate', folder.file('many.json', workflow(nodes, [{ from: 'a', to: 'ghost' }])), '--json');
  const { diagnostics }: { diagnostics: { code: string }[] } = JSON.parse(stdout);
  expect(code).toBe(2);
  expect(diagnostics.map((each) => each.code)).toEqual(['unknown-type', 'bad-id', 'dangling-edge']);
});

test('list, where nothing was deployed yet, lists nothing', async () => {
  const empty = join(folder.path, 'empty');
  mkdirSync(empty);
  expect(await statebag('list', '--json', '--data-dir', empty)).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
});
