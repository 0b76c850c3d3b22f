// node measure.mjs <engine> <work>: runs the rounds of a work, and prints one line of JSON.
// PEER_MODULES is the folder with the engine's packages, PEER_DATA an empty one for what it keeps.
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { check, makeState } from './work.mjs';

/** What is measured of each work. Others than `steps` are only for engines that know them. */
const WORKS = {
  steps: [
    { atOnce: 1, runs: 50 },
    { atOnce: 20, runs: 150 },
  ],
  calls: [
    { atOnce: 1, runs: 20 },
    { atOnce: 20, runs: 60 },
  ],
  curve: [
    { atOnce: 1, runs: 30 },
    { atOnce: 20, runs: 100 },
    { atOnce: 50, runs: 150 },
    { atOnce: 100, runs: 200 },
    { atOnce: 200, runs: 400 },
  ],
};
/** Before each round so many run at once that nobody counts, or as many as it has at once. */
const WARM = 10;
const MEMORY_EVERY_MS = 100;

const [, , name, work = 'steps'] = process.argv;
const { PEER_MODULES: modules, PEER_DATA: data } = process.env;
const peer = await import(`./${name}.mjs`);
const outside = await peer.outside?.({ data });
const engine = await peer.open({ modules, data, work, outside: outside?.url });
try {
  console.log(JSON.stringify(await measured(WORKS[work])));
} finally {
  await engine.close();
  await outside?.stop();
}
process.exit(0);

async function measured(wanted) {
  const idleBytes = await engine.memory?.();
  const rounds = [];
  let [kept, runs] = [0, 0];
  for (const each of wanted) {
    await round({ atOnce: each.atOnce, runs: Math.max(WARM, each.atOnce) });
    await engine.settle?.();
    const before = bytesIn(data);
    rounds.push(await round(each));
    await engine.settle?.();
    kept += bytesIn(data) - before;
    runs += each.runs;
  }
  return { rounds, bytesPerRun: engine.inMemory ? null : kept / runs, idleBytes };
}

async function round({ atOnce, runs }) {
  const times = [];
  let next = 0;
  const memory = highest();
  const from = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < runs) {
        next++;
        const id = randomUUID();
        const state = makeState();
        const began = performance.now();
        // what the engine does to its own copy must not change what the result is compared with
        const after = await engine.run(id, { ...state });
        times.push(performance.now() - began);
        if (typeof after !== 'function') check(state, after);
        else if (times.length === 1) check(state, await after());
      }
    }),
  );
  await engine.drained?.();
  const perSecond = (runs / (performance.now() - from)) * 1000;
  const mostBytes = memory.stop();
  return { atOnce, perSecond, medianMs: times.sort((a, b) => a - b)[Math.floor(runs / 2)], mostBytes };
}

/** The most memory that the engine has had at once, where it says. */
function highest() {
  let most;
  const look = () => {
    const bytes = engine.memory?.();
    if (bytes !== undefined) most = Math.max(most ?? 0, bytes);
  };
  const timer = setInterval(look, MEMORY_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return most;
    },
  };
}

function bytesIn(folder) {
  let total = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    // a file may be gone by now: engines fold their logs while we look
    if (entry.isFile())
      total += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return total;
}
