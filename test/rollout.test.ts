import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RolloutChange } from '@statebag/runs';
import { RolloutTestApp, statebag } from './rollout-app.ts';

let app: RolloutTestApp;
let ssm: SSMClient;
beforeAll(async () => {
  app = await RolloutTestApp.open({ rolloutAtFirst: '0' });
  ssm = new SSMClient(app.cloud.clientOptions);
}, 120_000);
afterAll(async () => {
  ssm.destroy();
  await app.close();
});

const NAME = '/statebag/local/rollout';
const parameter = async () => (await ssm.send(new GetParameterCommand({ Name: NAME }))).Parameter?.Value;

test('every change is in force and on record: who, when, from what, to what', async () => {
  const change = await app.json<RolloutChange>(
    'set',
    '--v3',
    '10',
    '--override',
    'billing=legacy',
    'triage=v3',
  );
  expect(change).toMatchObject({
    revision: 1,
    what: 'set',
    from: { v3: 0 },
    to: { v3: 10, overrides: { billing: 'legacy', triage: 'v3' } },
  });
  expect(change.by).not.toBe('');
  expect(JSON.parse((await parameter()) ?? '')).toEqual(change.to);
  await app.json('shadow', 'on', '--share', '25');
  await app.json('promote');
  const { changes } = await app.json<{ changes: RolloutChange[] }>('status');
  expect(changes).toMatchObject([
    { revision: 3, what: 'promote', from: { v3: 10 }, to: { v3: 100 } },
    { revision: 2, what: 'shadow on', to: { v3: 10, shadow: { on: true, share: 25 } } },
    { revision: 1 },
  ]);
  const back = await app.json<RolloutChange>('rollback');
  expect(back.to).toMatchObject({ v3: 0, overrides: { billing: 'legacy' } });
  expect(back.to.overrides).not.toHaveProperty('triage');
});

describe('a step forward', () => {
  test('is taken inside all limits over 200 runs a side, and only then', async () => {
    await app.json('set', '--v3', '1');
    await app.ended('legacy', 200, { divergence: { same: true } });
    await app.ended('v3', 199);
    const early = await app.rollout('advance');
    expect([early.code, early.stdout]).toEqual([
      1,
      expect.stringMatching(/stays at 1 %: 199 of 200 runs have ended on v3/),
    ]);
    await app.ended('v3', 1, { status: 'FAILED' });
    const late = await app.rollout('advance');
    expect([late.code, late.stdout]).toEqual([0, expect.stringMatching(/1 % on v3 .* → 10 % on v3/)]);
    expect((await app.settings()).v3).toBe(10);
  });

  test('is taken back where v3 does worse, and says why', async () => {
    await app.ended('legacy', 200, { divergence: { same: true } });
    await app.ended('v3', 200, { status: 'FAILED' });
    const { code, stdout } = await app.rollout('advance');
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/10 % on v3 .* → 0 % on v3.*100 % of the runs on v3 failed, 0 % on legacy/),
    ]);
    expect((await app.settings()).v3).toBe(0);
  });
});

describe('nothing is changed by', () => {
  test.each([
    ['set', '--v3', '101'],
    ['set', '--v3', 'many'],
    ['set'],
    ['set', '--sticky', 'owner'],
    ['set', '--override', 'a b=v3'],
    ['set', '--override', 'billing=v2'],
    ['shadow', 'maybe'],
    ['set', '--v3', '5', '--table', 'no-such-table'],
    ['status', '--sample', '-1'],
    ['sideways'],
  ])('rollout %s %s %s %s %s, which says what to do', async (...args: string[]) => {
    const before = await parameter();
    const { code, stdout, stderr } = await app.rollout(...args.filter((arg) => arg !== undefined));
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/mend: |unknown command/)]);
    expect(await parameter()).toBe(before);
  });

  test('a command without rights on AWS', async () => {
    const { code, stderr } = await statebag(['rollout', 'set', '--v3', '5', '--stage', 'prod'], {
      AWS_ENDPOINT_URL: app.cloud.endpoint,
      AWS_REGION: app.cloud.region,
      AWS_ACCESS_KEY_ID: 'stranger',
      AWS_SECRET_ACCESS_KEY: 'stranger',
    });
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/does not know these credentials[\s\S]*mend: check AWS_PROFILE/),
    ]);
  });

  test('a parameter that is missing or holds something else', async () => {
    await ssm.send(new PutParameterCommand({ Name: NAME, Value: '{"v3":"all"}', Overwrite: true }));
    const garbled = await app.rollout('set', '--v3', '5');
    expect([garbled.code, garbled.stderr]).toEqual([
      2,
      expect.stringMatching(/holds no rollout settings[\s\S]*mend: /),
    ]);
    await ssm.send(new DeleteParameterCommand({ Name: NAME }));
    const missing = await app.rollout('status');
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringMatching(/rollout: [\s\S]*mend: Deploy workflow-api/),
    ]);
  });
});
