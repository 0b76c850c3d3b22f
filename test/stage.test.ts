import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serveApi } from '@statebag/cli';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { deployApp } from '@statebag/deployment/stack';
import { removeBucket, removeTable } from '@statebag/deployment/stage-data';
import { closeTarget, functionChecks, look, openTarget } from '@statebag/deployment/verify';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';

const ROOT = join(import.meta.dirname, '..');
const STAGE = 'staging';
const BUCKET = 'statebag-state-staging-000000000000-us-east-1';

let cloud: LocalCloud;
let dataDir: string;
let closeApi: () => Promise<void>;
let environment: Readonly<Record<string, string>>;

/**
 * A stage of its own, reached as one on AWS is: by the region and credentials of the environment.
 * AWS_ENDPOINT_URL is all that differs.
 */
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'statebag-stage-'));
  cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY });
  const parameters = {
    stateBucket: BUCKET,
    ownerClaim: LOCAL_APP.ownerClaim,
  };
  await deployApp(cloud, { stage: STAGE, parameters });
  const lambda = new LambdaClient(cloud.clientOptions);
  const api = await serveApi({ lambda, stage: STAGE }, 0);
  environment = {
    ...cloud.environment,
    STATEBAG_API_URL: `${api.url}/`,
    STATEBAG_API_TOKEN: 'ada',
    STATEBAG_API_TOKEN_OTHER: 'bob',
  };
  closeApi = async () => {
    await api.close();
    lambda.destroy();
  };
}, 120_000);

afterAll(async () => {
  await closeApi();
  await cloud.close();
  await rm(dataDir, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, ...args: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  return new Promise((resolve) =>
    execFile(join(ROOT, program), [...args], { env, cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

/** A script of package.json. */
const script = (name: string, ...args: readonly string[]) => {
  const [program = '', ...given] = (scripts[name] ?? '').split(' ');
  return run(program, ...given, ...args);
};
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);

describe('a stage that is reached by the environment alone', () => {
  test('is what was packaged and works', async () => {
    const { code, stdout, stderr } = await run('scripts/verify-deployment', '--stage', STAGE, '--json');
    const { checks }: { checks: { name: string; holds: boolean; seen: string }[] } = JSON.parse(stdout);
    expect({ code, stderr, failed: checks.filter(({ holds }) => !holds) }).toEqual({
      code: 0,
      stderr: '',
      failed: [],
    });
    expect(checks.length).toBeGreaterThan(50);
    expect(checks.slice(-1)).toMatchObject([
      { name: 'nothing of it stays', seen: expect.stringMatching(/^\d+ objects and [2-9] items removed$/) },
    ]);
  });

  test('is not what was packaged where a function was changed by hand', async () => {
    const name = `statebag-state-data-manager-${STAGE}-beatApprovals`;
    const deployed = cloud.functions.registry.settings(name);
    await cloud.functions.deploy({
      name,
      bundle: Buffer.from('exports.handler = async () => null'),
      config: { exportName: 'handler', memorySize: 128, timeout: 3, environment: {} },
      settings: { ...deployed },
    });
    const target = await openTarget({ stage: STAGE, ...cloud.clientOptions });
    const looked = await Promise.all(
      functionChecks
        .filter(({ name: check }) => check.includes('beatApprovals'))
        .map((check) => look(check, target)),
    );
    closeTarget(target);
    expect(looked.map(({ name: check, holds }) => [check, holds])).toEqual([
      ['code of beatApprovals is what was packaged', false],
      ['beatApprovals answers a probe', false],
    ]);
  });

  test('plays scenarios through its API; what takes faults is skipped', async () => {
    const chosen = ['completes', 'fails', 'isolation', 'store-outage'].flatMap((name) => [
      '--scenario',
      name,
    ]);
    const { code, stdout } = await script('simulate', '--stage', STAGE, ...chosen, '--json');
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 0,
      stage: STAGE,
      passed: 3,
      failed: 0,
      skipped: 1,
    });
  });

  test('plays a workflow of one’s own, and answers what it asks', async () => {
    const example = join('examples', 'contract-review');
    const { code, stdout } = await script(
      'simulate',
      '--stage',
      STAGE,
      '--workflow-file',
      join(example, 'workflow.json'),
      '--input',
      join(example, 'input.json'),
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('1 passed, 0 failed, 0 skipped'),
    });
  });

  test('has a rollout of its own, which knows who changed it', async () => {
    const rollout = (...args: readonly string[]) =>
      run('bin/statebag', 'rollout', ...args, '--stage', STAGE, '--json');
    const set = await rollout('set', '--v3', '30');
    expect({ code: set.code, stderr: set.stderr }).toEqual({ code: 0, stderr: '' });
    const status = await rollout('status');
    expect({ code: status.code, ...JSON.parse(status.stdout) }).toMatchObject({
      code: 0,
      settings: { v3: 30 },
      changes: [{ by: 'arn:aws:iam::000000000000:root' }],
    });
  });

  test('has nothing to prune and nothing to go back to yet, and says so', async () => {
    expect(await script('prune', '--stage', STAGE)).toMatchObject({
      code: 0,
      stdout: 'nothing was removed; --yes removes them\n',
    });
    expect(await run('scripts/rollback-definition', 'v3', '--stage', STAGE)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('v3 has no version before 1'),
    });
    expect(await run('scripts/rollback-code', 'executeSegment', '--stage', STAGE)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no machine of staging'),
    });
  });
});

test('what is asked of a stage without an address is refused before anything is asked', async () => {
  const { STATEBAG_API_URL: _, ...without } = environment;
  environment = without;
  expect(await script('simulate', '--stage', STAGE)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('STATEBAG_API_URL'),
  });
});

test('the data of a stage can be removed, all of it', async () => {
  const place = cloud.clientOptions;
  expect(await removeBucket(BUCKET, place)).toBeGreaterThan(0);
  expect(await removeTable(`statebag-runs-${STAGE}`, place)).toBe(true);
  expect(await removeBucket(BUCKET, place)).toBeUndefined();
  expect(await removeTable(`statebag-runs-${STAGE}`, place)).toBe(false);
});
