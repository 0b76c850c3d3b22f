import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchRow } from './bench-row.ts';
import { beside, type Measured, type OursMeasured, ofOurs, type PeerMeasured } from './peer-rows.ts';

interface Peer {
  /** Its program in `peers/`, and its folder in the cache. */
  readonly key: string;
  readonly name: string;
  readonly packages: Readonly<Record<string, string>>;
  /** It keeps nothing: there is no crash to try. */
  readonly forgets?: boolean;
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
    forgets: true,
  },
];

const PROGRAMS = join(import.meta.dirname, 'peers');
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'statebag', 'bench-peers');
const INSTALL_MS = 300_000;
const MEASURE_MS = 600_000;

/**
 * Ten durable steps over 100 KB of state on ours and on each engine that can be had here, one engine after
 * the other. What cannot be had is named on stderr and left out.
 */
export async function suite(): Promise<BenchRow[]> {
  const ours: OursMeasured = {
    steps: await measured('statebag', 'steps'),
    calls: await measured('statebag', 'calls'),
    curve: await measured('statebag', 'curve'),
    crash: await told('recover.mjs', ['statebag'], PROGRAMS),
    firstResult: await told('first-result.mjs', [], PROGRAMS),
  };
  const rows = ofOurs(ours);
  for (const peer of PEERS) {
    const theirs = await tried(peer);
    if (theirs) rows.push(...beside(peer.name, ours, theirs));
  }
  return rows;
}

/** Undefined where it cannot be had or does not run here; the reason is on stderr. */
async function tried(peer: Peer): Promise<PeerMeasured | undefined> {
  try {
    const modules = await installed(peer);
    const steps = await measured(peer.key, 'steps', modules);
    return {
      steps,
      crash: peer.forgets ? undefined : await told('recover.mjs', [peer.key], modules),
    };
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
  const npm = (...args: string[]) =>
    promisify(execFile)('npm', args, { cwd: folder, timeout: INSTALL_MS, env: ownNode() });
  await npm('install', ...flags);
  if (builds) await npm('rebuild'); // what an earlier version of Node built fits that one alone
  return folder;
}

/** A driver is built for the Node that will load it, by the headers that this one came with. */
function ownNode(): NodeJS.ProcessEnv {
  const folder = dirname(process.execPath);
  const headers = join(folder, '..');
  return {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env['PATH']}`,
    ...(existsSync(join(headers, 'include', 'node')) && { npm_config_nodedir: headers }),
  };
}

function measured(key: string, work: string, modules = PROGRAMS): Promise<Measured> {
  return told('measure.mjs', [key, work], modules);
}

/** What a program says in its last line, which is all that it prints itself; engines greet before it. */
async function told<T>(program: string, args: readonly string[], modules: string): Promise<T> {
  process.stderr.write(`${[program, ...args].join(' ')}\n`);
  const data = mkdtempSync(join(tmpdir(), 'statebag-peer-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [join(PROGRAMS, program), ...args], {
      env: { ...process.env, PEER_MODULES: modules, PEER_DATA: data },
      timeout: MEASURE_MS,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T; // printed by the program in this form
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}
