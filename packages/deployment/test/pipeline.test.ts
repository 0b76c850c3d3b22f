import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const FOLDER = join(ROOT, '.github', 'workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly id?: string;
}

interface Workflow {
  readonly on: Readonly<Record<string, { readonly inputs?: object } | null>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly uses?: string;
        readonly needs?: string;
        readonly if?: string;
        readonly with?: object;
        readonly env?: object;
        readonly steps?: readonly Step[];
      }
    >
  >;
}

const read = (file: string): Workflow => parse(readFileSync(join(FOLDER, file), 'utf8'));
const text = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);
const choices: Readonly<Record<string, string>> = createRequire(import.meta.url)('../choices.cjs');

/** Commands that npm has without a script of ours. */
const NPM_OWN: ReadonlySet<string> = new Set(['run', 'init', 'install', 'sbom', 'publish']);

describe.each(readdirSync(FOLDER))('the workflow %s', (file) => {
  const workflow = read(file);
  const jobs = Object.values(workflow.jobs);
  const steps = jobs.flatMap(({ steps: own = [] }) => own);

  test('says what it may do, and names the commit of every action it uses', () => {
    expect(workflow.permissions).toBeDefined();
    expect(steps.flatMap(({ uses }) => uses ?? []).filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual(
      [],
    );
  });

  test('runs scripts that there are', () => {
    const named = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/npm (?:run )?([a-z-]+)/g)].map(([, name = '']) => name),
    );
    expect(named.filter((name) => !NPM_OWN.has(name) && !(name in scripts))).toEqual([]);
  });

  test('refers to inputs, jobs and steps that there are', () => {
    const inputs = Object.values(workflow.on).flatMap((trigger) => Object.keys(trigger?.inputs ?? {}));
    const [used, ids] = [
      [...text(file).matchAll(/inputs\.(\w+)/g)].map(([, name = '']) => name),
      steps.flatMap(({ id }) => id ?? []),
    ];
    expect(used.filter((name) => !inputs.includes(name))).toEqual([]);
    expect(
      [...text(file).matchAll(/steps\.(\w+)\./g)].map(([, id = '']) => id).filter((id) => !ids.includes(id)),
    ).toEqual([]);
    expect(jobs.flatMap(({ needs }) => needs ?? []).filter((name) => !(name in workflow.jobs))).toEqual([]);
  });

  test('calls workflows that there are, with what they take', () => {
    for (const { uses, with: given = {} } of jobs) {
      if (uses === undefined) continue;
      expect(existsSync(join(ROOT, uses))).toBe(true);
      expect(Object.keys(given)).toEqual(
        Object.keys(read(uses.split('/').at(-1) ?? '').on['workflow_call']?.inputs ?? {}),
      );
    }
  });

  test('sets choices that a deployment has', () => {
    const variables = new Set(
      Object.keys(choices).map(
        (name) => `STATEBAG_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      ),
    );
    expect(
      jobs
        .flatMap(({ env = {} }) => Object.keys(env))
        .filter((name) => name.startsWith('STATEBAG_') && !variables.has(name)),
    ).toEqual([]);
  });
});

test('the smoke test of a stage is told where its API is, and by whose token', () => {
  const step = /- name: Smoke test[\s\S]*?(?=\n {6}- name)/.exec(text('deploy-stage.yml'))?.[0] ?? '';
  expect(step).toMatch(/export STATEBAG_API_URL[\s\S]*npm run simulate -- --stage/);
  expect(step).toContain('STATEBAG_API_TOKEN:');
});

test('the role of a pipeline lasts as long as its job may take, and the documents say so', () => {
  const [, minutes = ''] = /timeout-minutes: (\d+)/.exec(text('deploy-stage.yml')) ?? [];
  const [, seconds = ''] = /role-duration-seconds: (\d+)/.exec(text('deploy-stage.yml')) ?? [];
  expect(Number(seconds)).toBeGreaterThanOrEqual(Number(minutes) * 60);
  const guide = readFileSync(join(ROOT, 'docs', 'deployment.md'), 'utf8');
  expect(guide).toContain(`--max-session-duration ${seconds}`);
});

test('a stage is deployed only of a commit that CI has found right', () => {
  const { on, jobs } = read('deploy.yml');
  expect(Object.keys(on)).toEqual(['workflow_run', 'workflow_dispatch']);
  expect(on['workflow_run']).toMatchObject({ workflows: [parse(text('ci.yml')).name], branches: ['main'] });
  expect(jobs['staging']?.if).toContain("workflow_run.conclusion == 'success'");
  expect(jobs['prod']?.needs).toBe('staging');
  for (const { with: given } of Object.values(jobs))
    expect(given).toMatchObject({ ref: expect.stringContaining('github.event.workflow_run.head_sha') });
});
