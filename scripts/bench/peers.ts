import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atLeast, atMost, type BenchRow } from './bench-row.ts';

interface Peer {
  /** Its program in `peers/`, and its folder in the cache. */
  readonly key: string;
  readonly name: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Its database driver is built on this machine where no ready one can be had. */
  readonly builds?: boolean;
}

const PEERS: readonly Peer[] = [
  {
    key: 'restate',
    name: 'Restate 1.7.12',
    packages: { '@restatedev/restate-sdk': '1.17.2', '@restatedev/restate-server': '1.7.12' },
  },
  { key: 'dbos', name: 'DBOS 5.3.0 and Postgres', packages: { '@dbos-inc/dbos-sdk': '5.3.0' } },
  {
    key: 'langgraph',
    name: 'LangGraph 1.7.3 and SQLite',
    packages: {
      '@langchain/core': '1.4.0',
      '@langchain/langgraph': '1.7.3',
      '@langchain/langgraph-checkpoint-sqlite': '1.0.4',
    },
    builds: true,
  },
  {
    key: 'aws-local-stepfunctions',
    name: 'aws-local-stepfunctions 3.0.0, in memory',
    packages: { 'aws-local-stepfunctions': '3.0.0' },
  },
];

const PROGRAMS = join(import.meta.dirname, 'peers');
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'statebag', 'bench-peers');
const INSTALL_MS = 300_000;
const MEASURE_MS = 600_000;
/** Workflows a second that ours must reach whatever the others do. */
const LEAST = new Map([
  [1, 25],
  [20, 35],
]);
const MOST_BYTES = 250 * 1024;

/**
 * Ten durable steps over 100 KB of state on ours and on each engine that can be had here, one engine after
 * the other. What cannot be had is named on stderr and left out.
 */
export async function suite(): Promise<BenchRow[]> {
  const ours = await measured('statebag', PROGRAMS);
  const rows = [...ours.rounds.map(least), kept(ours)];
  for (const peer of PEERS) {
    const theirs = await tried(peer);
    if (theirs) rows.push(...beside(peer, ours, theirs));
  }
  return rows;
}

interface Measured {
  readonly rounds: readonly Round[];
  /** Null where nothing is kept. */
  readonly bytesPerRun: number | null;
}

interface Round {
  readonly atOnce: number;
  readonly perSecond: number;
  readonly medianMs: number;
}

/** Undefined where it cannot be had or does not run here; the reason is on stderr. */
async function tried(peer: Peer): Promise<Measured | undefined> {
  try {
    return await measured(peer.key, await installed(peer));
  } catch (error) {
    console.error(`left out: ${peer.name}: ${reasonOf(error)}`);
    return undefined;
  }
}

/** What a command said last, or why it could not be run. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string }; // parse boundary: execFile's error
  const lines = (stderr ?? '').split('\n').filter((line) => /error/i.test(line));
  return lines[0]?.trim() ?? message.split('\n')[0] ?? 'it says nothing';
}

/** Its packages in a folder of their own outside of this repository: no lockfile here knows them. */
async function installed({ key, packages, builds = false }: Peer): Promise<string> {
  const folder = join(CACHE, key);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', ...(builds ? [] : ['--ignore-scripts'])];
  await promisify(execFile)('npm', ['install', ...flags], { cwd: folder, timeout: INSTALL_MS });
  return folder;
}

async function measured(key: string, modules: string): Promise<Measured> {
  const data = mkdtempSync(join(tmpdir(), `statebag-peer-${key}-`));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [join(PROGRAMS, 'measure.mjs'), key], {
      env: { ...process.env, PEER_MODULES: modules, PEER_DATA: data },
      timeout: MEASURE_MS,
    });
    // the last line is what measure.mjs prints; engines greet before it
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

function least({ atOnce, perSecond, medianMs }: Round): BenchRow {
  const bound = LEAST.get(atOnce) ?? 0;
  return {
    ...atLeast(bound, { figure: `Statebag, ${atOnce} at a time`, unit: 'workflows/s', ours: perSecond }),
    note: `half of them took at most ${medianMs.toFixed(0)} ms`,
  };
}

function kept({ bytesPerRun }: Measured): BenchRow {
  return atMost(MOST_BYTES, {
    figure: 'Statebag, kept on disk',
    unit: 'bytes/workflow',
    ours: bytesPerRun ?? 0,
  });
}

function beside({ name }: Peer, ours: Measured, theirs: Measured): BenchRow[] {
  const rounds = ours.rounds.flatMap((round, index) => {
    const other = theirs.rounds[index];
    return other
      ? [compared(`${round.atOnce} at a time`, 'workflows/s', name, [round.perSecond, other.perSecond])]
      : [];
  });
  const { bytesPerRun } = ours;
  if (bytesPerRun === null || theirs.bytesPerRun === null) return rounds;
  return [...rounds, compared('kept on disk', 'bytes/workflow', name, [bytesPerRun, theirs.bytesPerRun])];
}

function compared(figure: string, unit: string, name: string, [ours, theirs]: [number, number]): BenchRow {
  return {
    figure,
    unit,
    ours,
    reference: theirs,
    reference_name: name,
    ratio: ours / theirs,
    target: 'shown',
    holds: true,
  };
}
