// node recover.mjs <engine>: kills the engine with 20 workflows in flight, starts it again, and prints one
// line of JSON: how long the last result took, and how many steps were done again.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeState, STEPS } from './work.mjs';

const RUNS = 20;
const STEP_MS = 50;
/** It is killed when so many steps have ended: every workflow is under way, and none has come far. */
const ENDED = (RUNS * STEPS) / 4;
const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 120_000;

const [, , name] = process.argv;
const { PEER_MODULES: modules, PEER_DATA: data } = process.env;
const [plan, log] = ['plan.json', 'steps.log'].map((file) => join(data, file));
writeFileSync(log, '');
writeFileSync(plan, JSON.stringify(Array.from({ length: RUNS }, (_, at) => [`r${at}`, makeState()])));
const peer = await import(`./${name}.mjs`);
const outside = await peer.outside?.({ data });
try {
  console.log(JSON.stringify(await killedAndStarted()));
} finally {
  await outside?.stop();
}
process.exit(0);

async function killedAndStarted() {
  const first = host('begin');
  await ended(first, () => steps().filter((line) => line.startsWith('-')).length >= ENDED);
  kill(first);
  const before = steps();
  const inFlight =
    before.filter((line) => line[0] === '+').length - before.filter((l) => l[0] === '-').length;
  const from = performance.now();
  const second = host('again');
  let said = '';
  second.stdout.on('data', (text) => {
    said += text;
  });
  await ended(second, () => said.includes('last result'));
  const ms = performance.now() - from;
  await ended(second, () => second.exitCode !== null);
  if (second.exitCode !== 0) throw new Error(`after the crash the results are wrong: ${said}`);
  const begun = steps().filter((line) => line[0] === '+');
  return { ms, inFlight, repeated: begun.length - new Set(begun).size, steps: new Set(begun).size };
}

/** A process with all that it starts in a group of its own: what is killed goes at once. */
function host(part) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'recover-host.mjs'), name, part, plan], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...{ PEER_MODULES: modules, PEER_DATA: data, PEER_OUTSIDE: outside?.url ?? '' },
      ...{ PEER_STEPS: log, PEER_STEP_MS: String(STEP_MS) },
    },
  });
  process.once('exit', () => kill(child));
  return child;
}

function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it has ended
  }
}

async function ended(child, isSo) {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; ) {
    if (isSo()) return;
    if (child.exitCode > 0) break;
    await pause(LOOK_EVERY_MS);
  }
  kill(child);
  throw new Error(`${name} did not come so far: ${steps().length} lines about steps`);
}

function steps() {
  return readFileSync(log, 'utf8').split('\n').filter(Boolean);
}
