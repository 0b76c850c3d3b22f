import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { junitText } from './junit.ts';
import { type OpenedWorld, openLocalWorld } from './local-world.ts';
import { play } from './play.ts';
import { loadScenarios } from './scenarios.ts';
import { World } from './world.ts';

/**
 * Faults and endings that no other test plays through the API; all of them are played by `npm run simulate`.
 */
const PLAYED = ['completes', 'corrupted-object', 'store-outage', 'isolation'];

let opened: OpenedWorld;
beforeAll(async () => {
  opened = await openLocalWorld();
}, 60_000);
afterAll(() => opened.close());

test.each(PLAYED)(
  'the scenario %s is as it says',
  async (name) => {
    const scenario = (await loadScenarios()).get(name);
    if (!scenario) throw new Error(`there is no scenario ${name}`);
    expect(await play(name, scenario, new World(opened.api, opened.local))).toMatchObject({
      outcome: 'passed',
      message: '',
    });
  },
  60_000,
);

test('about twenty scenarios are there, each with a claim; one that needs a local cloud is skipped on a stage', async () => {
  const scenarios = await loadScenarios();
  expect(scenarios.size).toBeGreaterThanOrEqual(20);
  expect([...scenarios.values()].filter(({ about }) => about.length < 20)).toEqual([]);
  const [name, local] = [...scenarios].find(([, scenario]) => scenario.local) ?? ['', undefined];
  expect(local && (await play(name, local, new World(opened.api)))).toMatchObject({ outcome: 'skipped' });
});

test('what failed is told in JUnit, escaped', () => {
  const failed = {
    name: 'a',
    about: 'b',
    outcome: 'failed',
    milliseconds: 1_500,
    message: 'x < "y"\nmore',
  } as const;
  expect(junitText([failed])).toContain(
    '<testcase classname="simulate" name="a" time="1.500"><failure message="x &lt; &quot;y&quot;">x &lt; &quot;y&quot;\nmore</failure></testcase>',
  );
  expect(junitText([failed])).toContain('<testsuite name="simulate" tests="1" failures="1" skipped="0">');
});
