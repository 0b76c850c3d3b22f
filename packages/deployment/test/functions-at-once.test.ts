import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalCloud, readQuotas, startLocalCloud } from '@statebag/local-cloud';
import { functionsLine } from '../src/functions-at-once.ts';
import { look } from '../src/verify/check.ts';
import { placeChecks } from '../src/verify/index.ts';
import type { Target } from '../src/verify/target.ts';

interface Resolver {
  resolveVariable(name: string): Promise<string>;
}
interface Machine {
  readonly States: Readonly<Record<string, { readonly MaxConcurrency?: number }>>;
}

const require = createRequire(import.meta.url);
const functionsAtOnce: (resolver: Resolver) => Promise<string> = require('../functions-at-once.cjs');
const { v3Distributed }: { v3Distributed(resolver: Resolver): Promise<Machine> } =
  require('@statebag/stepfunctions/asl');
/** A template that chose this, or in which it has come to this. */
const chosen = (value: string): Resolver => ({
  resolveVariable: async (name) => (/custom\.functions(Chosen|AtOnce)$/.test(name) ? value : 'a-name'),
});

const dataDir = mkdtempSync(join(tmpdir(), 'functions-at-once-'));
const before = { ...process.env };
let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await startLocalCloud({ dataDir, durable: false, quotas: readQuotas('fresh-account') });
  Object.assign(process.env, cloud.environment);
});
afterAll(async () => {
  process.env = before;
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

test('an operator is told how many functions work in a new account, and what a run may have of them', async () => {
  expect(await functionsLine('dev', 'us-east-1')).toBe(
    '10 of 10 functions of this account work for all: a run has at most 7 branches or workers at work, whatever its workflow says',
  );
});

test('what is chosen is taken; packaging asks no account', async () => {
  expect(await functionsAtOnce(chosen('12'))).toBe('12');
  expect(await functionsAtOnce(chosen(''))).toBe('');
});

test.each([
  ['7', [7, 7]],
  ['60', [40, 60]],
  ['', [40, 100]],
  ['release.functionsAtOnce.release', [40, 100]],
])('machines that are told %j have so many workers of a list at once: %j', async (told, wanted) => {
  const { States } = await v3Distributed(chosen(told));
  const maps = ['ProcessInlineChunks', 'ProcessDistributedChunks'];
  expect(maps.map((name) => States[name]?.MaxConcurrency)).toEqual(wanted);
});

test.each([
  ['7', true, '7 of 10'],
  ['', false, /40 branches or workers .* lets 10 functions work: deploy again, which makes it 7/],
])(
  'verify-deployment looks whether the account lets a run do what %j says: %s',
  async (said, holds, seen) => {
    const lambda = new LambdaClient(cloud.clientOptions);
    const target = { lambda, functionsAtOnce: said } as Partial<Target> as Target; // it looks at nothing else
    const [check] = placeChecks;
    const looked = check && (await look(check, target));
    lambda.destroy();
    expect(looked).toMatchObject({ holds, seen: expect.stringMatching(seen) });
  },
);
