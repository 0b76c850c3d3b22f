// node measure.mjs <engine>: runs W one at a time and 20 at a time, and prints one line of JSON.
// PEER_MODULES is the folder with the engine's packages, PEER_DATA an empty one for what it keeps.
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { check, makeState } from './work.mjs';

const WARM = 5;
const ROUNDS = [
  { atOnce: 1, runs: 20 },
  { atOnce: 20, runs: 60 },
];

const data = process.env.PEER_DATA;
const { open } = await import(`./${process.argv[2]}.mjs`);
const engine = await open({ modules: process.env.PEER_MODULES, data });
try {
  await round({ atOnce: 1, runs: WARM });
  const before = bytesIn(data);
  const rounds = [];
  for (const wanted of ROUNDS) rounds.push(await round(wanted));
  await engine.settle?.();
  const runs = ROUNDS.reduce((total, wanted) => total + wanted.runs, 0);
  const kept = engine.inMemory ? null : (bytesIn(data) - before) / runs;
  console.log(JSON.stringify({ rounds, bytesPerRun: kept }));
} finally {
  await engine.close();
}
process.exit(0);

async function round({ atOnce, runs }) {
  const times = [];
  let next = 0;
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
  const perSecond = (runs / (performance.now() - from)) * 1000;
  return { atOnce, perSecond, medianMs: times.sort((a, b) => a - b)[Math.floor(runs / 2)] };
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
