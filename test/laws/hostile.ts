import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject } from '@statebag/contracts';
import { readWorkflow, textsBeside } from '@statebag/workflow';
import fc from 'fast-check';
import { DeployedTestApp, type EndedRun } from '../deployed-app.ts';
import { betweenInvocations, stopsEvaluating } from './hostile-cancelled.ts';
import { FOREIGN, HOSTILE_ROWS, type HostileRow, hostileRow } from './hostile-rows.ts';

const RUNS_TABLE = 'statebag-runs-local';
/** What one run may take of this process, in which all functions are threads: a second, and the run around it. */
const MOST_MILLIS = 3_000;
/** A process of its own may take 256 MB, Node 80, and the look at it comes each 40 ms. */
const MOST_CHILD_MB = 256 + 80 + 128;
const LOOK_EVERY_MS = 20;

/**
 * Law: whatever a workflow, a pattern, a schema, an answer or an input says, its run ends as it may, within time
 * and memory, and shows nothing of what belongs to others. The table runs first, then rows that are drawn.
 * @throws naming the first that breaks it
 */
export async function prove({ count, seed }: { count: number; seed: number }): Promise<string> {
  const drawn = fc.sample(hostileRow, { numRuns: Math.max(0, count - HOSTILE_ROWS.length), seed });
  const rows = [...HOSTILE_ROWS, ...drawn].slice(0, count);
  const app = await DeployedTestApp.open({ between: betweenInvocations });
  const memory = watchChildren();
  const ends = new Map<string, number>();
  try {
    await app.run(FOREIGN_WORKFLOW);
    await stopsEvaluating(app, RUNS_TABLE);
    for (const row of rows) {
      const end = await endInTime(row, app);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
  } finally {
    memory.stop();
    await app.close();
  }
  if (memory.mostMb() > MOST_CHILD_MB)
    throw new Error(`a process of its own took ${memory.mostMb()} MB; ${MOST_CHILD_MB} are allowed`);
  const seen = [...ends].map(([end, times]) => `${times} ${end}`).join(', ');
  return `${rows.length} ended as they may (${seen}), at most ${memory.mostMb()} MB apart`;
}

/** The definition that nobody else may read. */
const FOREIGN_WORKFLOW: JsonObject = {
  name: 'foreign',
  initial_state: { kept: FOREIGN },
  nodes: [{ id: 'done', type: 'data_transform', output_key: 'done', config: { transform: FOREIGN } }],
};

/**
 * How a row ends. What is counted is the time of all threads, and some may be busy with something else just then:
 * a row that takes too much does so each time.
 */
async function endInTime(row: HostileRow, app: DeployedTestApp): Promise<string> {
  let last = 0;
  for (let tries = 0; tries < 3; tries += 1) {
    const before = process.cpuUsage();
    const end = await endOf(row, app);
    const { user, system } = process.cpuUsage(before);
    last = (user + system) / 1_000;
    if (last <= MOST_MILLIS) return end;
  }
  throw new Error(`${row.name}: took ${last} ms of processor time, at each of three tries more than allowed`);
}

async function endOf(row: HostileRow, app: DeployedTestApp): Promise<string> {
  const document: JsonObject = { name: 'hostile', initial_state: { s: 'a' }, nodes: [...row.nodes] };
  const { workflow } = readWorkflow(JSON.stringify(document), {
    file: 'hostile.json',
    readFile: textsBeside({}),
  });
  const run = workflow ? await app.run(document, row.input) : null;
  const end = run === null ? 'refused' : run.status === 'SUCCEEDED' ? run.status : run.error;
  const fail = (what: string) => {
    throw new Error(`${row.name}: ${what}: ${run?.cause ?? ''}`);
  };
  if (!row.ends.includes(end)) fail(`ended with ${end}, not with ${row.ends.join(' or ')}`);
  if (run && (await shown(run, app)).includes(FOREIGN)) fail('shows what belongs to others');
  if (end === 'Expression.LimitExceeded' && !run?.cause.includes('hostile')) fail('does not name its node');
  return end;
}

async function shown(run: EndedRun, app: DeployedTestApp): Promise<string> {
  const state = run.envelope ? await app.state(run) : {};
  return JSON.stringify([run.cause, run.envelope ?? null, state]);
}

/** The largest memory of any process that this one has started, as the kernel counts it. */
function watchChildren() {
  let most = 0;
  const look = setInterval(() => {
    for (const pid of childrenOf(process.pid)) if (isApart(pid)) most = Math.max(most, residentMb(pid));
  }, LOOK_EVERY_MS);
  return { stop: () => clearInterval(look), mostMb: () => Math.round(most) };
}

function childrenOf(pid: number): string[] {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).flatMap((task) => read(`${tasks}/${task}/children`).split(' ').filter(Boolean));
}

/**
 * The bundler is a process of its own as well, where bundles were not made before. And one that has only just been
 * started is still this process, by its words and by its memory.
 */
function isApart(pid: string): boolean {
  const words = read(`/proc/${pid}/cmdline`);
  return !words.includes('esbuild') && words !== read('/proc/self/cmdline');
}

function residentMb(pid: string): number {
  const [, pages = '0'] = read(`/proc/${pid}/statm`).split(' ');
  return Number(pages) / 256;
}

/** What the kernel says; a thread or process that has ended meanwhile has nothing to say. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
