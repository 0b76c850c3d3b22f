import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStateMachineAliasCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { type Finished, RolloutTestApp } from './rollout-app.ts';

const ROOT = join(import.meta.dirname, '..');
const ALIAS = 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-v3-local:live';
const DEFINITION_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;
const CODE_MS = 2 * 60_000;

let app: RolloutTestApp;
let sfn: SFNClient;
beforeAll(async () => {
  app = await RolloutTestApp.open({ mockMode: 'true', rolloutAtFirst: '0' });
  sfn = new SFNClient(app.cloud.clientOptions);
}, 120_000);
afterAll(async () => {
  sfn.destroy();
  await app.close();
});

/** The commands of a section of the runbook, in order. */
function commandsUnder(heading: string): string[] {
  const text = readFileSync(join(ROOT, 'docs', 'rollout.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/rollout.md has no section ${heading}`);
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );
}

/** A command as it stands, but for the place: this machine instead of a stage on AWS. */
function run(command: string): Promise<Finished> {
  const [program = '', ...args] = command
    .replace(/ --stage \w+/, command.startsWith('scripts/') ? ' --stage local' : '')
    .split(' ');
  const place = program === 'bin/statebag' ? ['--data-dir', app.dataDir] : [];
  const env = { PATH: process.env['PATH'] ?? '', ...app.cloud.environment };
  return new Promise((resolve) => {
    execFile(join(ROOT, program), [...args, ...place], { env, cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

type After = Partial<Omit<RolloutSettings, 'shadow' | 'overrides'>> & {
  readonly shadow?: object;
  readonly overrides?: object;
};

/** Runs commands one after the other and looks at the settings after each. */
async function expectEach(commands: readonly string[], after: readonly After[]): Promise<void> {
  expect(commands).toHaveLength(after.length);
  for (const [index, command] of commands.entries()) {
    if (command.includes(' advance ')) await enoughRuns();
    const { code, stdout, stderr } = await run(command);
    expect({ command, code, stdout, stderr }).toEqual({
      command,
      code: 0,
      stdout: expect.any(String),
      stderr: expect.any(String),
    });
    expect(await app.settings()).toMatchObject({ ...after[index] });
  }
}

let advanced = 0;

/**
 * Runs that ended now for the first step; for those after it, which look at what began since the one before,
 * runs of an hour to come.
 */
async function enoughRuns(): Promise<void> {
  advanced += 1;
  if (advanced > 2) return;
  // the one form toISOString has
  const at = new Date(Date.now() + (advanced === 1 ? 0 : HOUR_MS)).toISOString() as Timestamp;
  await app.ended('legacy', 200, { divergence: { same: true }, started_at: at, ended_at: at });
  await app.ended('v3', 200, { started_at: at, ended_at: at });
}

const liveVersion = async () => {
  const { routingConfiguration = [] } = await sfn.send(
    new DescribeStateMachineAliasCommand({ stateMachineAliasArn: ALIAS }),
  );
  return Number(routingConfiguration[0]?.stateMachineVersionArn?.split(':').at(-1));
};

test('the phases lead from development to all runs on v3', async () => {
  const on = { on: true };
  const commands = commandsUnder('The phases');
  const production = commands.findIndex((command) => command.endsWith('--stage prod'));
  await expectEach(commands.slice(0, production), [
    { v3: 0 },
    { v3: 0, shadow: { on: true, share: 100 } },
    { v3: 10 },
    { v3: 10 },
  ]);
  await app.rollout('set', '--v3', '0'); // another stage, which begins at its own beginning
  await expectEach(commands.slice(production), [
    { v3: 0, shadow: { on: true, share: 10 } },
    { v3: 1, shadow: on },
    { v3: 1, shadow: on },
    { v3: 10, shadow: on },
    { v3: 50 },
    { v3: 100 },
    { v3: 100, shadow: { on: false } },
  ]);
}, 180_000);

test('scenarios A, B and C say what begins where', async () => {
  await expectEach(commandsUnder('Scenarios'), [
    { v3: 0 },
    { v3: 0, shadow: { on: true, share: 10 } },
    { v3: 100, overrides: { 'nightly-import': 'legacy' } },
    { v3: 100, overrides: {} },
    { v3: 100 },
  ]);
});

test('back by weight, definition and code, each within its time', async () => {
  const commands = commandsUnder('Going back');
  const rollout = commands.filter((command) => command.startsWith('bin/'));
  await expectEach(rollout, [{ v3: 0 }, { v3: 0, kill_switch: true }, { v3: 0, kill_switch: false }]);
  const [definition = '', code = '', ...more] = commands.filter((command) => command.startsWith('scripts/'));
  expect(more).toEqual([]);
  const first = await liveVersion();
  await app.redeploy({ httpAllowedHosts: 'one.example' });
  const second = await liveVersion();
  expect(second).toBeGreaterThan(first);
  for (const [command, within] of [
    [definition, DEFINITION_MS],
    [code, CODE_MS],
  ] as const) {
    await app.redeploy({ httpAllowedHosts: `${within}.example` });
    const newest = await liveVersion();
    const began = performance.now();
    const { code: exit, stdout, stderr } = await run(command);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatch(/v3: new runs begin on version \d+ instead of/);
    expect(performance.now() - began).toBeLessThan(within);
    expect(await liveVersion()).toBe(newest - 1);
  }
}, 180_000);
