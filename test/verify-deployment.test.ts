import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { deployApp, startLocalCloud } from '@statebag/local-cloud';
import { look } from '../scripts/verify/check.ts';
import { differenceOf } from '../scripts/verify/definitions.ts';
import { functionChecks } from '../scripts/verify/functions.ts';
import { closeTarget, openTarget } from '../scripts/verify/target.ts';
import { verify } from '../scripts/verify/verify.ts';

const ROOT = join(import.meta.dirname, '..');
const BUCKET = 'statebag-verify';

test('a deployment on a local cloud is what was packaged and works, check by check; one that was changed is not', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-verify-'));
  const cloud = await startLocalCloud({ dataDir });
  try {
    await deployApp(cloud, { root: ROOT, parameters: { stateBucket: BUCKET } });
    const target = openTarget({ stage: 'local', region: cloud.region, account: cloud.account, bucket: BUCKET, endpoint: cloud.endpoint });
    const looked = await verify(target);
    expect(looked.filter(({ holds }) => !holds)).toEqual([]);
    expect(looked.length).toBeGreaterThan(50);
    await cloud.functions.deploy({
      name: 'statebag-state-data-manager-local-beatApprovals',
      bundle: Buffer.from('exports.handler = async () => null'),
      config: { exportName: 'handler', memorySize: 128, timeout: 3, environment: {} },
      settings: { ...cloud.functions.registry.settings('statebag-state-data-manager-local-beatApprovals') },
    });
    const again = await Promise.all(functionChecks.filter(({ name }) => name.includes('beatApprovals')).map((check) => look(check, target)));
    expect(again.map(({ name, holds }) => [name, holds])).toEqual([
      ['code of beatApprovals is what was packaged', false],
      ['beatApprovals answers a probe', false],
    ]);
    closeTarget(target);
  } finally {
    await cloud.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 180_000);

test('a definition differs where a state does, and not where a name was filled in', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form under test
  const wanted = { States: { A: { Resource: 'arn:${RunnerArn}:1', End: true } } };
  expect(differenceOf(wanted, { States: { A: { Resource: 'arn:x:1', End: true, QueryLanguage: 'JSONPath' } } }, '$')).toBeUndefined();
  expect(differenceOf(wanted, { States: { A: { Resource: 'arn:x:2', End: true } } }, '$')).toMatch(/^\$\.States\.A\.Resource is "arn:x:2"/);
  expect(differenceOf(wanted, { States: { A: { Resource: 'arn:x:1' } } }, '$')).toBe('$.States.A.End is undefined, not true');
});
