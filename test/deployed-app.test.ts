import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findRunningCloud } from '@statebag/local-cloud';
import { DeployedTestApp } from './deployed-app.ts';

let dataDir = '';
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'statebag-refused-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

test('an app that cannot be deployed leaves no cloud behind', async () => {
  await expect(DeployedTestApp.open({ dataDir, parameters: { runsExpireAfterDays: '1' } })).rejects.toThrow(
    /runsExpireAfterDays/,
  );
  expect(findRunningCloud(dataDir)).toBeUndefined();
});
