/**
 * `npm run simulate [-- --scenario name…] [--workflow-file file [--input file]] [--stage name] [--json] [--junit file]`:
 * plays what can happen to runs,
 * through the HTTP API of a local cloud, or of a stage (STATEBAG_API_URL, STATEBAG_API_TOKEN,
 * STATEBAG_API_TOKEN_OTHER).
 */
import { writeFileSync } from 'node:fs';
import { UsageError } from '@statebag/cli';
import { commandOptions, refuseCommand } from '@statebag/deployment/command-options';
import { junitText } from './simulate/junit.ts';
import { type Played, play } from './simulate/play.ts';
import { loadScenarios } from './simulate/scenarios.ts';
import { openStage } from './simulate/stage.ts';
import { ownScenario } from './simulate/workflow-file.ts';
import { World } from './simulate/world.ts';

const USAGE = `usage: npm run simulate -- [--scenario <name>…] [--workflow-file <file> [--input <file>]] [--stage <name>]
  [--json] [--junit <file>]
Plays what can happen to runs, on a local cloud or on a stage (STATEBAG_API_URL, STATEBAG_API_TOKEN,
STATEBAG_API_TOKEN_OTHER).`;

const { values } = commandOptions(USAGE, {
  options: {
    scenario: { type: 'string', multiple: true, default: [] },
    'workflow-file': { type: 'string' },
    input: { type: 'string' },
    stage: { type: 'string' },
    json: { type: 'boolean', default: false },
    junit: { type: 'string' },
  },
});

const known = await loadScenarios();
const unknown = values.scenario.filter((name) => !known.has(name));
if (unknown.length > 0)
  refuseCommand(`unknown scenario ${unknown.join(', ')}; there are: ${[...known.keys()].join(', ')}`, USAGE);
const file = values['workflow-file'];

function refuse(error: unknown): never {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exit(2);
}

async function choose() {
  if (file !== undefined) return [[file, await ownScenario(file, values.input)] as const];
  return [...known].filter(([name]) => values.scenario.length === 0 || values.scenario.includes(name));
}

async function open() {
  return values.stage === undefined
    ? (await import('./simulate/local-world.ts')).openLocalWorld()
    : openStage(process.env);
}

const chosen = await choose().catch(refuse);
const opened = await open().catch(refuse);
const world = new World(opened.api, opened.local);
const results: Played[] = [];
for (const [name, scenario] of chosen) {
  const played = await play(name, scenario, world);
  results.push(played);
  if (!values.json)
    console.log(
      `${played.outcome.padEnd(7)} ${name}  ${(played.milliseconds / 1000).toFixed(1)} s${played.outcome === 'failed' ? `\n${played.message}` : ''}`,
    );
}
await opened.close();

const failed = results.filter(({ outcome }) => outcome === 'failed').length;
if (values.junit !== undefined) writeFileSync(values.junit, junitText(results));
const count = (outcome: Played['outcome']) => results.filter((each) => each.outcome === outcome).length;
console.log(
  values.json
    ? JSON.stringify({
        stage: values.stage ?? 'local',
        passed: count('passed'),
        failed,
        skipped: count('skipped'),
        scenarios: results,
      })
    : `${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped`,
);
process.exit(failed === 0 ? 0 : 1);
