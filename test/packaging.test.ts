import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { packageServices, releaseOptions, type Template, writeRelease } from '@statebag/deployment/package';
import { appOptions, inApp } from '@statebag/deployment/project';
import { currentApp } from '@statebag/deployment/stack';
import { deployables } from '@statebag/deployment/stacks';

const ROOT = join(import.meta.dirname, '..');
const LONGEST_MS = 60_000;

/** Without code; the framework writes a list of one as its one element in some places. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? comparable(value[0]) : value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => name !== 'Code' && name !== 'CodeSha256');
  return Object.fromEntries(members.map(([name, each]) => [name, comparable(each)]));
}

/** All services together, with their rules, are packaged by the command itself, which every change has to pass. */
describe('npm run package', () => {
  test(
    'releases machines as plain CloudFormation, which keeps the rules as well and leaves open what others tell them',
    async () => {
      const out = mkdtempSync(join(tmpdir(), 'statebag-release-'));
      const wrong: string[] = [];
      const each = (_: object, artefacts: string) =>
        void wrong.push(...writeRelease(artefacts, join(out, 'stepfunctions')));
      const packaged = await packageServices(['stepfunctions'], {
        root: ROOT,
        options: releaseOptions(),
        each,
      });
      const template = readFileSync(join(out, 'stepfunctions', 'template.json'), 'utf8');
      rmSync(out, { recursive: true });
      expect([...packaged.flatMap(({ problems }) => problems), ...wrong]).toEqual([]);
      expect(Object.keys(JSON.parse(template).Parameters)).toEqual(
        expect.arrayContaining(['executeSegmentArn', 'refuseReplayArn', 'stateBucket']),
      );
      expect(template).not.toMatch(/000000000000:function|release\.\w+\.release/);
    },
    LONGEST_MS,
  );

  test(
    'makes the resources that one machine is given',
    async () => {
      const folder = 'services/state-data-manager';
      let resources: Template['Resources'] = {};
      const each = (_: object, artefacts: string) => {
        const text = readFileSync(join(artefacts, 'cloudformation-template-update-stack.json'), 'utf8');
        resources = inApp(folder, JSON.parse(text)).Resources;
      };
      await packageServices([folder], { root: ROOT, options: appOptions(), check: () => [], each });
      const { Resources } = await currentApp();
      const own = Object.entries(Resources).filter(([id]) => id.startsWith('StateDataManager'));
      expect(own.length).toBeGreaterThan(40);
      expect(comparable(Object.fromEntries(own))).toEqual(comparable(resources));
    },
    LONGEST_MS,
  );

  test(
    'refuses a lifecycle that would delete what a run still needs',
    async () => {
      const [refused] = await packageServices(['services/state-data-manager'], {
        root: ROOT,
        options: ['--param', 'runsExpireAfterDays=60'],
      });
      expect(refused?.problems.join('\n')).toMatch(
        /runsExpireAfterDays is 60; at least 74: 30 days a run may take, 14 it can be redriven, 30 it is kept/,
      );
    },
    LONGEST_MS,
  );
});

test('the pipeline and the package scripts name every service folder that there is', () => {
  expect(deployables(ROOT).length).toBeGreaterThanOrEqual(5);
  const compose = readFileSync(join(ROOT, 'serverless-compose.yml'), 'utf8');
  expect(deployables(ROOT).filter((folder) => !compose.includes(`path: ${folder}\n`))).toEqual([]);
});
