import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { deployApp } from '../src/stack/deploy-app.ts';

const BUCKET = 'statebag-state-local';
const ROLLOUT = '/statebag/local/rollout';
const BEAT = 'statebag-state-data-manager-local-beatApprovals';
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-v3-local';
const parameters = { stateBucket: BUCKET };

let cloud: LocalCloud;
let dataDir: string;

/** What earlier releases made of the templates: the resources without a stack. */
async function asEarlierReleases(): Promise<void> {
  await cloud.s3.createBucket(BUCKET);
  await cloud.s3.put(BUCKET, 'runs/state', Buffer.from('kept'), 'text/plain');
  await cloud.ssm.actions['PutParameter']?.({ Name: ROLLOUT, Value: '{"percent":7}', Type: 'String' });
  await cloud.functions.deploy({
    name: BEAT,
    bundle: Buffer.from('exports.handler = async () => "earlier"'),
    config: { exportName: 'handler', memorySize: 128, timeout: 3, environment: {} },
    settings: cloud.functions.registry.settings(BEAT),
  });
  const definition = JSON.stringify({ StartAt: 'End', States: { End: { Type: 'Succeed' } } });
  const roleArn = 'arn:aws:iam::000000000000:role/earlier';
  await act('CreateStateMachine', { name: 'statebag-v3-local', definition, roleArn, publish: true });
  const stateMachineVersionArn = `${MACHINE}:1`;
  await act('CreateStateMachineAlias', {
    name: 'live',
    routingConfiguration: [{ stateMachineVersionArn, weight: 100 }],
  });
  const rule = { Name: `${BEAT}-rule-1`, ScheduleExpression: 'rate(1 minute)' };
  await cloud.events.actions['PutRule']?.(rule);
  const target = { Id: 'function', Arn: cloud.functions.arnOf(BEAT) };
  await cloud.events.actions['PutTargets']?.({ Rule: rule.Name, Targets: [target] });
}

// what an action answers is JSON
const act = async (action: string, input: Record<string, unknown>) =>
  (await cloud.states[action]?.(input)) as Record<string, unknown>;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'statebag-deploy-'));
  cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY });
});

afterAll(async () => {
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

test('what an earlier release made becomes part of the stack, with all that is in it', async () => {
  await asEarlierReleases();
  const { functions, machines } = await deployApp(cloud, { parameters });
  expect(cloud.formation.find('statebag-local')?.status).toBe('CREATE_COMPLETE');
  expect(Buffer.from((await cloud.s3.get(BUCKET, 'runs/state')).body).toString()).toBe('kept');
  expect(cloud.ssm.find(ROLLOUT)).toBe('{"percent":7}');
  expect(functions.find(({ name }) => name === BEAT)).toMatchObject({ key: 'beatApprovals', version: '2' });
  expect(machines.map(({ key }) => key).sort()).toEqual([
    'legacy',
    'legacyDistributed',
    'shadow',
    'v3',
    'v3Distributed',
  ]);
  const { routingConfiguration } = await act('DescribeStateMachineAlias', {
    stateMachineAliasArn: `${MACHINE}:live`,
  });
  expect(routingConfiguration).toEqual([{ stateMachineVersionArn: `${MACHINE}:2`, weight: 100 }]);
});

test('nothing starts a function twice: rules of earlier releases are gone', () => {
  const started = cloud.events.rules
    .list('default')
    .filter((rule) => cloud.events.rules.targets(rule).some(({ arn }) => arn.endsWith(`:${BEAT}`)));
  expect(started).toHaveLength(1);
  expect(started[0]?.name).toMatch(/^statebag-local-/);
});

test('what is unchanged stays; a parameter makes new versions of what reads it, and no default undoes a setting', async () => {
  const again = await deployApp(cloud, { parameters });
  expect(again.functions.filter(({ changed }) => changed)).toEqual([]);
  const limited = { ...parameters, ownerDayLimit: '{"max_tokens":5}', rolloutAtFirst: '50' };
  const { functions } = await deployApp(cloud, { parameters: limited });
  expect(functions.flatMap(({ key, changed }) => (changed ? [key] : [])).sort()).toEqual([
    'asyncLlmHandler',
    'executeSegment',
    'processSegmentChunk',
  ]);
  expect(cloud.ssm.find(ROLLOUT)).toBe('{"percent":7}');
});

test('a parameter that the templates do not have is refused by its name', async () => {
  await expect(deployApp(cloud, { parameters: { ...parameters, spelt: 'wrongly' } })).rejects.toThrow(
    /^spelt: /,
  );
});
