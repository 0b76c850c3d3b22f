/**
 * `npm run bench -- <suite> [--json]`: figures beside a reference measured in the same run. Exits 1
 * where a target does not hold and the row gives no known reason; `--strict` is accepted and says the same.
 */
import { cpus, totalmem } from 'node:os';
import { commandOptions, refuseCommand } from '@statebag/deployment/command-options';
import { type BenchRow, failingRows } from './bench/bench-row.ts';
import { renderRows } from './bench/render-rows.ts';

const SUITES: Readonly<Record<string, () => Promise<{ suite: () => Promise<BenchRow[]> }>>> = {
  budget: () => import('./bench/budget.ts'),
  'cold-start': () => import('./bench/cold-start.ts'),
  cost: () => import('./bench/cost.ts'),
  engine: () => import('./bench/engine.ts'),
  generations: () => import('./bench/generations.ts'),
  handlers: () => import('./bench/handlers.ts'),
  growth: () => import('./bench/growth.ts'),
  memory: () => import('./bench/memory.ts'),
  offload: () => import('./bench/offload.ts'),
  payload: () => import('./bench/payload.ts'),
  peers: () => import('./bench/peers.ts'),
  proofs: () => import('./bench/proofs.ts'),
  scale: () => import('./bench/scale.ts'),
  'state-core': () => import('./bench/state-core.ts'),
  v3: () => import('./bench/v3.ts'),
  viewer: () => import('./bench/viewer.ts'),
};

const USAGE = `usage: npm run bench -- <suite> [--json] [--strict]\nsuites: ${Object.keys(SUITES).join(', ')}`;
const { values, positionals } = commandOptions(USAGE, {
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, strict: { type: 'boolean', default: false } },
});
const [name = ''] = positionals;
const load = SUITES[name];
if (!load || positionals.length !== 1)
  refuseCommand(positionals.length > 1 ? 'one suite at a time' : `there is no suite "${name}"`, USAGE);

const { suite } = await load();
const rows = await suite();
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
console.log(
  values.json
    ? JSON.stringify({ suite: name, machine, rows })
    : `${name} on ${machine}\n\n${renderRows(rows)}`,
);
process.exit(failingRows(rows).length === 0 ? 0 : 1);
