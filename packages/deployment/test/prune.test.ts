import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { prune } from '../src/prune.ts';

const DAY = 86_400_000;
const FUNCTION = 'statebag-segment-runner-prod-executeSegment';
const OTHER_STAGE = 'statebag-segment-runner-pre-prod-executeSegment';
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-v3-prod';

let cloud: LocalCloud;
let dataDir: string;

/** A stage with three versions of a function, each called by one of a machine, whose alias was led back to the first. */
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'statebag-prune-'));
  cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY });
  Object.assign(process.env, cloud.environment);
  for (const number of [1, 2, 3]) {
    await publish(FUNCTION, number);
    await publish(OTHER_STAGE, number);
    const definition = definitionOf(number);
    if (number === 1)
      await call('CreateStateMachine', {
        name: 'statebag-v3-prod',
        definition,
        roleArn: 'arn:aws:iam::000000000000:role/r',
        publish: true,
      });
    else await call('UpdateStateMachine', { stateMachineArn: MACHINE, definition, publish: true });
  }
  const routingConfiguration = [{ stateMachineVersionArn: `${MACHINE}:1`, weight: 100 }];
  await call('CreateStateMachineAlias', { name: 'live', routingConfiguration });
});

afterAll(async () => {
  for (const name of Object.keys(cloud.environment)) delete process.env[name];
  await cloud.close();
  await rm(dataDir, { recursive: true, force: true });
});

const call = async (action: string, input: Record<string, unknown>) => cloud.states[action]?.(input);

const definitionOf = (number: number): string =>
  JSON.stringify({
    StartAt: 'A',
    States: {
      A: {
        Type: 'Task',
        Resource: `arn:aws:lambda:us-east-1:000000000000:function:${FUNCTION}:${number}`,
        End: true,
      },
    },
  });

const publish = (name: string, number: number) =>
  cloud.functions.deploy({
    name,
    bundle: Buffer.from(`exports.handler = async () => ${number}`),
    config: { exportName: 'handler', memorySize: 128, timeout: 3, environment: {} },
    settings: {
      maxConcurrency: 1,
      maximumRetryAttempts: 0,
      maximumEventAgeSeconds: 60,
    },
  });

const versionsOf = (name: string) => cloud.functions.registry.versions(name).map(({ version }) => version);

test('what the alias was led back to stays, with the functions it calls; other stages are left alone', async () => {
  const found: string[] = [];
  const now = Date.now() + 100 * DAY;
  await prune({
    stage: 'prod',
    region: 'us-east-1',
    now,
    remove: true,
    onFound: (version) => found.push(version),
  });
  expect(found).toEqual([`${MACHINE}:2`, `${FUNCTION}:2`]);
  expect(versionsOf(FUNCTION)).toEqual(['$LATEST', '1', '3']);
  expect(versionsOf(OTHER_STAGE)).toEqual(['$LATEST', '1', '2', '3']);
});
