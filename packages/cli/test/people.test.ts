import { afterAll, expect, test } from '@jest/globals';
import type { ApprovalList } from '@statebag/contracts/schemas/api';
import { modelServer } from '@statebag/workflow/testing/model-server';
import { resultOf, start, startDev, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
afterAll(() => folder.remove());

const review = (config = {}) => ({
  id: 'review',
  type: 'human_approval',
  output_key: 'decision',
  config: { message: 'Send {{ draft }}?', ...config },
});
const transform = (id: string, expression: string) => ({
  id,
  type: 'data_transform',
  output_key: id,
  config: { transform: `{% ${expression} %}` },
});
const chain = (name: string, nodes: { id: string }[]) => ({
  name,
  version: '1',
  nodes,
  edges: nodes.slice(1).map(({ id }, index) => ({ from: nodes[index]?.id, to: id })),
});
const RUN = /^(\S+): /m;
/** Many commands one after the other, on a machine that may have other things to do. */
const LONG_MS = 180_000;

/** A process' standard error, until it holds the words. */
function said(child: ReturnType<typeof start>['child'], words: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.on('close', () => reject(new Error(`it ended and said only: ${text}`)));
    child.stderr?.on('data', (chunk) => {
      text += String(chunk);
      if (words.test(text)) resolve(text);
    });
  });
}

test(
  'run says what it waits for and how to answer, goes on when another process answers, and lists who decided',
  async () => {
    const dataDir = `${folder.path}/answered`;
    const file = folder.file(
      'letter.json',
      chain('letter', [transform('draft', "'the letter'"), review(), transform('sent', 'decision.choice')]),
    );
    const { child, finished } = start(['run', file, '--data-dir', dataDir]);
    const text = await said(child, /statebag reject \S+ --node review/);
    expect(text).toMatch(
      /review waits for a person until 20\S+: Send the letter\?\n {2}statebag approve letter-\S+ --node review --data-dir \S+\n/,
    );
    const run = RUN.exec(text)?.[1] ?? '';
    const shown = await statebag('show', run, '--data-dir', dataDir);
    expect(shown.stdout).toMatch(/RUNNING[\s\S]*statebag approve letter-/);
    const unknown = await statebag('approve', run, '--choice', 'maybe', '--data-dir', dataDir);
    expect({ code: unknown.code, stderr: unknown.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/Approval.ChoiceUnknown.*\n {2}mend: /),
    });
    const decided = await statebag(
      'approve',
      run,
      '--comment',
      'as agreed',
      '--data',
      folder.file('data.json', { copies: 2 }),
      '--data-dir',
      dataDir,
    );
    expect({ code: decided.code, stdout: decided.stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/review: approve by \S+ at .*the run was told/),
    });
    const ended = await finished;
    expect({ code: ended.code, sent: /"sent": "approve"/.test(ended.stdout) }).toEqual({
      code: 0,
      sent: true,
    });
    const listed = await statebag('approvals', run, '--json', '--data-dir', dataDir);
    const { approvals }: ApprovalList = JSON.parse(listed.stdout);
    expect(approvals).toMatchObject([
      {
        node_id: 'review',
        state: 'DELIVERED',
        decision: { choice: 'approve', comment: 'as agreed', how: 'person' },
      },
    ]);
  },
  LONG_MS,
);

test(
  'a run left while it waits is answered and resumed later; a cancelled one is not',
  async () => {
    const dataDir = `${folder.path}/left`;
    const file = folder.file(
      'left.json',
      chain('left', [transform('draft', "'it'"), review(), transform('sent', 'decision.choice')]),
    );
    const first = start(['run', file, '--data-dir', dataDir]);
    const run = RUN.exec(await said(first.child, /waits for a person/))?.[1] ?? '';
    first.child.kill('SIGINT');
    expect(await first.finished).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/go on with: statebag resume/),
    });
    const decided = await statebag('reject', run, '--data-dir', dataDir);
    expect(decided.stdout).toMatch(/review: reject[\s\S]*go on with: statebag resume left-/);
    expect(resultOf(await statebag('resume', run, '--json', '--data-dir', dataDir)).output).toMatchObject({
      sent: 'reject',
    });
    const killed = start(['run', file, '--data-dir', dataDir]);
    const left = RUN.exec(await said(killed.child, /waits for a person/))?.[1] ?? '';
    killed.child.kill('SIGKILL');
    await killed.finished;
    const wrong = await statebag('resume', left, '--decide', 'other=approve', '--data-dir', dataDir);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/--decide other=approve/) });
    const standing = await statebag('list', '--data-dir', dataDir);
    expect(standing.stdout).toMatch(/no process runs it; go on with: statebag resume left-/);
    const answered = await statebag(
      'resume',
      left,
      '--decide',
      'review=approve',
      '--json',
      '--data-dir',
      dataDir,
    );
    expect(resultOf(answered).output).toMatchObject({ sent: 'approve' });
    const second = start(['run', file, '--data-dir', dataDir]);
    const other = RUN.exec(await said(second.child, /waits for a person/))?.[1] ?? '';
    expect((await statebag('cancel', other, '--data-dir', dataDir)).stdout).toBe(`${other} is cancelled\n`);
    expect(await second.finished).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/CANCELLED[\s\S]*Run.Cancelled/),
    });
    const listed: { status: string }[] = JSON.parse(
      (await statebag('list', '--json', '--data-dir', dataDir)).stdout,
    );
    expect(listed.map(({ status }) => status)).toEqual(['CANCELLED', 'SUCCEEDED', 'SUCCEEDED']);
    const late = await statebag('approve', other, '--data-dir', dataDir);
    expect({ code: late.code, stderr: late.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/Run.Cancelled/),
    });
  },
  LONG_MS,
);

test(
  'a failed run is resumed under its id, shown and listed once, and can be taken back to a snapshot',
  async () => {
    const model = await modelServer();
    const dataDir = `${folder.path}/failed`;
    const dev = await startDev(dataDir, '--provider-url', model.url);
    const ask = {
      id: 'asked',
      type: 'llm_chat',
      output_key: 'asked',
      config: { provider: 'openai-compatible', model: 'echo', prompt: 'Q' },
    };
    const file = folder.file('fails.json', chain('fails', [ask, transform('boom', '$number(asked) + 1')]));
    try {
      const failed = resultOf(await statebag('run', file, '--json', '--data-dir', dataDir));
      expect(failed).toMatchObject({
        status: 'FAILED',
        error: { name: 'Expression.Failed', node_id: 'boom' },
      });
      const run = failed.execution_id;
      const address = (await statebag('snapshot', run, '--data-dir', dataDir)).stdout.trim();
      expect(address).toMatch(/^s3:\/\/statebag-state-local\/runs\/local\/fails-.*\/snapshots\//);
      const again = resultOf(await statebag('resume', run, '--json', '--data-dir', dataDir));
      expect(again).toMatchObject({
        execution_id: run,
        status: 'FAILED',
        error: { name: 'Expression.Failed' },
      });
      expect(model.asked.length).toBe(1);
      const other = await modelServer();
      const elsewhere = folder.file('elsewhere.json', chain('elsewhere', [ask]));
      await statebag('run', elsewhere, '--provider-url', other.url, '--data-dir', dataDir);
      await other.close();
      expect(other.asked).toEqual(['Q']);
      const listed: { execution_id: string; status: string }[] = JSON.parse(
        (await statebag('list', '--json', '--data-dir', dataDir)).stdout,
      );
      expect(listed).toMatchObject([{ status: 'SUCCEEDED' }, { execution_id: run, status: 'FAILED' }]);
      const back = await statebag('resume', run, '--snapshot', address, '--json', '--data-dir', dataDir);
      expect(resultOf(back)).toMatchObject({
        execution_id: run,
        status: 'FAILED',
        error: { node_id: 'boom' },
      });
      expect(model.asked.length).toBe(1);
      const items = await statebag('resume', run, '--failed-items', '--data-dir', dataDir);
      expect({ code: items.code, stderr: items.stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/did not fail in a distributed map/),
      });
    } finally {
      await dev.stop();
      await model.close();
    }
  },
  LONG_MS,
);
