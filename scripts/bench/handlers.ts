import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@statebag/contracts';
import { atMost, type BenchRow } from './bench-row.ts';
import type { Took } from './handlers/function-host.ts';
import { HandlerWorld } from './handlers/handler-world.ts';
import { transform } from './run-workloads.ts';

const BARE = join(import.meta.dirname, 'handlers', 'bare-call.ts');
const WARM = 60;
const RUNS = 200;
const STEPS = 10;
const FIELD_BYTES = 5 * 1024;
const TARGET_MS = 12;
/** What a bare request takes where nothing else is done: 2 × AMD EPYC, 2026-11-29. */
const BARE_MS_AT_REST = 0.62;

/** Step i reads field i and writes field i + 10. */
const WORKFLOW: JsonObject = {
  name: 'bench',
  nodes: Array.from({ length: STEPS }, (_, step) =>
    transform(`s${step}`, `{% $substring(f${step}, 1) & $substring(f${step}, 0, 1) %}`, `f${step + STEPS}`),
  ),
};

/** Texts that do not compress. */
function randomFields(): JsonObject {
  const text = () => randomBytes((FIELD_BYTES / 4) * 3).toString('base64');
  return Object.fromEntries(Array.from({ length: 2 * STEPS }, (_, index) => [`f${index}`, text()]));
}

/**
 * Processor time of the functions on a run of ten steps over 100 KB of state, each function's bundle warm in a
 * process of its own. Beside it what as many bare requests of the SDK take, measured in turns with the runs:
 * work of others makes both take longer, so it is their ratio that is held against the target.
 */
export async function suite(): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-handlers-'));
  const world = await HandlerWorld.open(dataDir);
  const bare = world.host(BARE);
  const runs = async (count: number) => {
    for (let run = 0; run < count; run++) {
      await world.run({ workflow: WORKFLOW, input: randomFields() });
      for (let call = 0; call < STEPS; call++) await bare.invoke('{}');
    }
  };
  try {
    await runs(WARM);
    bare.forget();
    await world.forget();
    await runs(RUNS);
    return rowsOf(await world.took(), bare.took.cpuMs / bare.took.calls);
  } finally {
    await bare.close();
    await world.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function rowsOf(took: ReadonlyMap<string, Took>, bareMs: number): BenchRow[] {
  const all = [...took.values()].reduce((sum, { calls, cpuMs, requests, peakBytes }) => ({
    calls: sum.calls + calls,
    peakBytes: Math.max(sum.peakBytes, peakBytes),
    cpuMs: sum.cpuMs + cpuMs,
    requests: sum.requests + requests,
  }));
  const rows = [...took].map(([key, each]) => row(key, each, bareMs));
  const total = row('all functions', all, bareMs);
  const atRest = (total.ours / bareMs) * BARE_MS_AT_REST;
  const figure = `the same where a bare request takes ${BARE_MS_AT_REST} ms`;
  return [...rows, total, atMost(TARGET_MS, { figure, unit: 'ms/run', ours: atRest })];
}

function row(name: string, { calls, cpuMs, requests }: Took, bareMs: number): BenchRow {
  const [ours, reference] = [cpuMs / RUNS, (requests / RUNS) * bareMs];
  return {
    figure: `processor time of ${name}`,
    unit: 'ms/run',
    ours,
    reference,
    reference_name: `${(requests / RUNS).toFixed(1)} bare requests of the SDK`,
    ratio: ours / reference,
    target: 'shown',
    holds: true,
    note: `${(calls / RUNS).toFixed(1)} calls a run`,
  };
}
