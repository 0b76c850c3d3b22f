import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleApp, deployApp } from '@statebag/deployment/stack';
import { startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { atMost, type BenchRow, median } from './bench-row.ts';

const ROUNDS = 11;
const TARGET_MS = 60;

const AFTER_ENDS = 'it is called by the end of a run, nobody waits for it; it needs three clients of the SDK';
/** Why a function takes longer, by its key. */
const KNOWN: Readonly<Record<string, string>> = {
  beginShadow: AFTER_ENDS,
  recordShadow: AFTER_ENDS,
  forkRun: 'it compiles, as startRun does, and needs two clients of the SDK besides',
};

/** Prints the milliseconds of processor time that importing the module in a new process takes. */
const PROBE = `const from = process.cpuUsage();
require(process.argv[1]);
const { user, system } = process.cpuUsage(from);
console.log((user + system) / 1000);`;

/**
 * The processor time that a new process needs to import each function's bundle, every one in a process of its own. In
 * rounds, so that a moment of a busy machine hits all alike and no median.
 */
export async function suite(): Promise<BenchRow[]> {
  const environments = await environmentsOfFunctions();
  const bundles = (await bundleApp()).map(({ key, file }) => ({
    ...{ name: key, file, times: [] as number[] },
    environment: environments.get(key) ?? {},
  }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { file, environment, times } of bundles) times.push(await coldImport(file, environment));
  }
  return bundles.map(({ name, times }) => rowOf(name, median(times)));
}

/** What functions find in their environments where the app is deployed. */
async function environmentsOfFunctions(): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-cold-start-'));
  const cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY });
  try {
    const { functions } = await deployApp(cloud);
    const { registry } = cloud.functions;
    const environmentOf = (name: string) => ({
      AWS_REGION: cloud.region,
      ...registry.resolve(name, '$LATEST', () => 1).environment,
    });
    return new Map(functions.map(({ key, name }) => [key, environmentOf(name)]));
  } finally {
    await cloud.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function rowOf(name: string, ours: number): BenchRow {
  const row = atMost(TARGET_MS, { figure: `cold import of ${name}`, unit: 'ms of the processor', ours });
  const known_reason = KNOWN[name];
  return known_reason === undefined ? row : { ...row, known_reason };
}

async function coldImport(file: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', PROBE, file], {
    env: { PATH: process.env['PATH'], ...environment },
  });
  return Number(stdout.trim());
}
