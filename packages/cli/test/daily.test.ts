import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Dev, LAUNCHER, resultOf, start, startDev, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
/** A name that a shell takes apart. */
const dataDir = join(folder.path, "runs of 'today'");
let dev: Dev;
/** Deploying and many commands, on a machine that may have other things to do. */
const LONG_MS = 180_000;
beforeAll(async () => {
  dev = await startDev(dataDir);
}, LONG_MS);
afterAll(async () => {
  await dev.stop();
  folder.remove();
});

const at = ['--data-dir', dataDir] as const;
const transform = (id: string, transform: string) => ({
  id,
  type: 'data_transform',
  output_key: id,
  config: { transform },
});
const workflow = (name: string, nodes: unknown[]) =>
  folder.file(`${name}.json`, { name, version: '1', nodes });

/** A printed command, as somebody pastes it into a shell. */
function pasted(command: string): string {
  return execFileSync('sh', ['-c', command], {
    encoding: 'utf8',
    env: { PATH: `${join(LAUNCHER, '..')}:${process.env['PATH']}`, HOME: folder.path },
  });
}

const BROKEN = workflow('broken', [transform('sum', "{% $number('x') %}")]);
const PLAIN = workflow('plain', [transform('sum', '{% 1 + 1 %}')]);
const NESTED = workflow('nested', [
  {
    id: 'each',
    type: 'for_each',
    output_key: 'all',
    config: {
      items: '{% [1, 2] %}',
      body: { nodes: [transform('one', '{% 1 %}'), transform('two', '{% 2 %}')] },
    },
  },
  transform('last', '{% 3 %}'),
]);
const branch = (id: string) => ({
  id,
  optional: id === 'b3',
  nodes: [
    transform(`${id}a`, id === 'b3' ? "{% $number('x') %}" : '{% 1 %}'),
    transform(`${id}b`, '{% 2 %}'),
  ],
});
const PARALLEL = workflow('parallel', [
  {
    id: 'fan',
    type: 'parallel_group',
    config: { branches: ['b1', 'b2', 'b3', 'b4', 'b5'].map(branch) },
  },
  transform('last', '{% 3 %}'),
]);

test('each segment of parallel branches is one line, also of the branch that failed', async () => {
  const { code, stderr } = await statebag('run', PARALLEL, ...at);
  const segments = [...stderr.matchAll(/^ {2}[✓✗] (\S+)/gm)].map(([, id]) => id);
  expect({ code, distinct: new Set(segments).size }).toEqual({ code: 0, distinct: segments.length });
  expect(segments.filter((id) => /-b\d/.test(id ?? ''))).toHaveLength(5);
});

test('validate, plan and run count the nodes inside of others, and plan names them', async () => {
  expect((await statebag('validate', NESTED)).stdout).toMatch(/valid; 4 nodes in 1 segment\n$/);
  expect((await statebag('plan', NESTED)).stdout).toMatch(
    /4 nodes in 1 segment[\s\S]*inside {2}each: one, two\n/,
  );
  expect((await statebag('run', NESTED, ...at)).stderr).toMatch(/: nested, 4 nodes in 1 segment\n/);
});

describe('of runs that are there', () => {
  test('show takes the newest one, and what run prints under its result can be pasted', async () => {
    const { stdout } = await statebag('run', PLAIN, ...at);
    const hint = stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(hint).toMatch(/^statebag show plain-\S+ --data-dir '.*'$/);
    expect((await statebag('show', ...at)).stdout).toBe(pasted(hint));
  });

  test('list shows why one failed, and filters', async () => {
    const failed = resultOf(await statebag('run', BROKEN, '--json', ...at));
    const filters = ['--status', 'FAILED', '--workflow', 'broken'];
    const { stdout } = await statebag('list', ...filters, ...at);
    expect(stdout).toMatch(new RegExp(`^${failed.execution_id} +FAILED .*Expression\\.Failed: .*sum.*\n$`));
    expect(JSON.parse((await statebag('list', ...filters, '--json', ...at)).stdout)).toMatchObject([
      { execution_id: failed.execution_id, error: 'Expression.Failed', cause: failed.error?.message },
    ]);
  });

  test('one that waits has taken no negative time, and show --follow goes with it to its end', async () => {
    const asks = workflow('asks', [
      {
        id: 'ok',
        type: 'human_approval',
        output_key: 'ok',
        config: { message: 'Go?', choices: ["it's fine"] },
      },
    ]);
    const run = (await statebag('run', asks, '--detach', ...at)).stdout.trim();
    const following = start(['show', run, '--follow', ...at]);
    const question = await new Promise<string>((resolve) => {
      let text = '';
      following.child.stderr?.on('data', (chunk) => {
        text += String(chunk);
        if (/--choice.*\n/.test(text)) resolve(text);
      });
    });
    const shown = (await statebag('show', run, ...at)).stdout;
    expect(shown).toMatch(/RUNNING[\s\S]* in \d/);
    expect(shown).not.toMatch(/-\d+ ms/);
    pasted(/statebag approve.*/.exec(question)?.[0] ?? 'no command was printed');
    const { code, stdout } = await following.finished;
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/SUCCEEDED/) });
  });
});

describe('what a workflow asks a person', () => {
  const review = { id: 'review', type: 'human_approval', output_key: 'answer', config: { message: 'Good?' } };
  const again = {
    id: 'again',
    type: 'loop',
    config: { body: { nodes: [review] }, until: "{% answer.choice = 'approve' %}", max_iterations: 5 },
  };
  const LOOPS = workflow('loops', [again, transform('last', '{% answer.choice %}')]);
  const ONCE = workflow('once', [review, transform('last', '{% answer.choice %}')]);

  test('is answered as --decide says, in order, the last rule every later time', async () => {
    const rules = ['reject', 'reject', 'approve'].flatMap((choice) => ['--decide', `review=${choice}`]);
    const result = resultOf(await statebag('run', LOOPS, '--json', ...rules, ...at));
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { last: 'approve' } });
    const listed = await statebag('approvals', result.execution_id, '--json', ...at);
    const { approvals }: { approvals: { decision: { choice: string } }[] } = JSON.parse(listed.stdout);
    expect(approvals.map(({ decision }) => decision.choice).toSorted()).toEqual([
      'approve',
      'reject',
      'reject',
    ]);
  });

  test('diff says what it waits for, and goes on when it is answered', async () => {
    const { child, finished } = start(['diff', ONCE, ...at]);
    const question = await new Promise<string>((resolve) => {
      let text = '';
      child.stderr?.on('data', (chunk) => {
        text += String(chunk);
        if (/statebag reject .*\n/.test(text)) resolve(text);
      });
    });
    expect(question).toMatch(/review waits for a person until .*: Good\?/);
    pasted(/statebag reject.*/.exec(question)?.[0] ?? 'no command was printed');
    expect(await finished).toMatchObject({ code: 0, stdout: expect.stringMatching(/^the same/) });
  });

  test('diff answers beforehand, too', async () => {
    const { code, stdout, stderr } = await statebag('diff', ONCE, '--decide', 'review=approve', ...at);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^the same/),
      stderr: expect.stringMatching(/review: approve, as --decide says\n$/),
    });
  });

  test.each([
    ['names no node that asks', ['last=approve'], /no node "last" asks a person\n {2}mend: .*review/],
    ['names no choice of it', ['review=maybe'], /review takes no "maybe"\n {2}mend: .*approve, reject/],
    ['is no rule', ['review'], /not a node and its choice\n {2}mend: /],
    ['is given to a run that is left', ['review=approve', '--detach'], /nobody stays to answer\n {2}mend: /],
  ])('a --decide that %s is a mistake, and nothing is started', async (_name, given, words) => {
    const empty = join(folder.path, 'never-made');
    const ended = await statebag('run', ONCE, '--decide', ...given, '--data-dir', empty);
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
    expect(existsSync(empty)).toBe(false);
  });
});

test('--version is that of the command line', async () => {
  expect((await statebag('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  ['bogus', '--help'],
  ['help', 'bogus'],
  ['rollout', 'bogus', '--help'],
  ['--help', 'bogus'],
])('help of a command that is not there is a mistake: %s %s', async (...args) => {
  expect(await statebag(...args)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/unknown command 'bogus'\n {2}mend: statebag (rollout )?--help/),
  });
});

test.each([
  [['--help'], 'Usage: statebag '],
  [['help'], 'Usage: statebag '],
  [['run', '--help'], 'Usage: statebag run '],
  [['help', 'run'], 'Usage: statebag run '],
  [['rollout', '--help'], 'Usage: statebag rollout '],
  [['help', 'rollout'], 'Usage: statebag rollout '],
  [['rollout', 'set', '--help'], 'Usage: statebag rollout set '],
  [['help', 'rollout', 'set'], 'Usage: statebag rollout set '],
])('help that is asked for is printed and is no mistake: %j', async (args, usage) => {
  expect(await statebag(...args)).toMatchObject({ code: 0, stdout: expect.stringContaining(usage) });
});

test('the nearest command is suggested', async () => {
  expect((await statebag('lst', '--help')).stderr).toMatch(/Did you mean list\?/);
});

describe('a fork', () => {
  const asks = (id: string, prompt: string) => ({ id, type: 'llm_chat', output_key: id, config: { prompt } });
  const each = (topics: string) => ({
    id: 'each',
    type: 'for_each',
    output_key: 'each',
    config: { items: `{% ${topics} %}`, body: { nodes: [asks('one', 'about {{ $item }} at {{ $now() }}')] } },
  });
  const triage = (name: string, last: string, topics = "['a', 'b', 'c']", options = {}) =>
    folder.file(`${name}.json`, {
      name: 'forked',
      nodes: [asks('first', 'first'), each(topics), asks('last', last)],
      options: { llm_per_segment: 1, ...options },
    });
  const fork = async (run: string, ...more: string[]) =>
    JSON.parse((await statebag('fork', run, ...more, '--json', ...at)).stdout);

  test(
    'makes the calls that were edited or are given something else, and no other',
    async () => {
      const run = resultOf(await statebag('run', triage('before', 'sum up {{ each }}'), '--json', ...at));
      const plan = await fork(run.execution_id, '--workflow', triage('late', 'shortly'), '--dry-run');
      expect(plan).toMatchObject({ begins_at: 's03-last', changed: ['last'], shared_results: 2 });
      const late = await fork(run.execution_id, '--workflow', triage('late', 'shortly'));
      expect(late).toMatchObject({ status: 'SUCCEEDED', output: { first: run.output?.['first'] } });
      expect(late.report.ledger).toEqual({ hits: 0, writes: 1 });
      expect(late.execution_id).toMatch(new RegExp(`^${run.execution_id}\\.f[0-9a-z]{4}$`));
      const compared = await statebag('diff', run.execution_id, late.execution_id, '--json', ...at);
      expect(compared.code).toBe(1);
      const { calls, first, compared: parts } = JSON.parse(compared.stdout);
      expect({ calls, first: first.name }).toEqual({ calls: { left: 5, right: 1 }, first: 'last' });
      expect(parts.filter(({ same }: { same: boolean }) => !same)).toHaveLength(1);
      // one item of three is another one, and what reads the list
      const item = await fork(
        run.execution_id,
        '--workflow',
        triage('item', 'sum up {{ each }}', "['a', 'X', 'c']"),
      );
      expect(item.report.ledger).toEqual({ hits: 2, writes: 2 });
      // of a fork, by what it shares with the first run
      const again = await fork(item.execution_id, '--workflow', triage('late', 'shortly'));
      expect(again.report.ledger).toEqual({ hits: 3, writes: 1 });
      const set = await fork(run.execution_id, '--set', 'each=["only"]', '--at', 'last');
      expect(set).toMatchObject({ status: 'SUCCEEDED', output: { each: ['only'] } });
    },
    LONG_MS,
  );

  test(
    'goes on with a failed run whose limit was raised',
    async () => {
      const limited = (max_tokens: number) =>
        triage(`limit-${max_tokens}`, 'sum up', "['a']", { max_tokens });
      const failed = resultOf(await statebag('run', limited(4_105), '--json', ...at));
      expect(failed).toMatchObject({ status: 'FAILED', error: { name: 'Run.CostExceeded', node_id: 'one' } });
      const { stdout } = await statebag(
        'resume',
        failed.execution_id,
        '--workflow',
        limited(50_000),
        '--json',
        ...at,
      );
      expect(JSON.parse(stdout)).toMatchObject({
        status: 'SUCCEEDED',
        report: { ledger: { hits: 0, writes: 2 } },
      });
    },
    LONG_MS,
  );

  test(
    'that could be nothing else than the run, or that names no node, is refused',
    async () => {
      const { stdout } = await statebag(
        'list',
        '--workflow',
        'forked',
        '--status',
        'SUCCEEDED',
        '--json',
        ...at,
      );
      const run = JSON.parse(stdout).at(-1).execution_id;
      const same = await statebag('fork', run, ...at);
      expect(same).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/nothing is different.*\n {2}mend: /),
      });
      const nowhere = await statebag('fork', run, '--at', 'nope', ...at);
      expect(nowhere).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/no node "nope".*\n {2}mend: /),
      });
    },
    LONG_MS,
  );
});
