import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { readQuotas } from '@statebag/local-cloud';
import { openQuotas, virtualClock } from '@statebag/local-cloud/testing';
import { type AppOptions, DeployedTestApp, type Invoke, transform } from './deployed-app.ts';
import { legacyStart, legacyState, runLegacy } from './legacy-app.ts';
import { mapWorkflow, valuesOf } from './map-runs.ts';

/** So long a function works that does something for the workflow: as long as a worker is planned for. */
const WORK_MS = 60_000;
const WORKERS = /processSegmentChunk|executeSegment/;

const clock = virtualClock();
const account = openQuotas(readQuotas('fresh-account'), clock.now);
let [atWork, most, refused] = [0, 0, 0];

type Invocation = Parameters<Invoke>[0];
type Call = Invocation & { readonly invoke: Invoke };

/** The functions of an account that lets ten work at once, where each takes its time. */
const limited = account.functions(async ({ invoke, ...invocation }: Call) => {
  atWork += 1;
  most = Math.max(most, atWork);
  if (WORKERS.test(invocation.functionName))
    await new Promise<void>((resolve) => void clock.at(clock.now() + WORK_MS, resolve));
  return invoke(invocation).finally(() => {
    atWork -= 1;
  });
});

/** Events for this function are kept by Lambda, which has no place for it. */
let kept = 0;
const keptEvent = { statusCode: 202 as const, requestId: 'kept', executedVersion: '1', payload: '' };

let app: DeployedTestApp;
beforeAll(async () => {
  const between: NonNullable<AppOptions['between']> = async (invocation, invoke) => {
    if (invocation.functionName.includes('asyncLlmHandler') && kept-- > 0) return keptEvent;
    return limited({ ...invocation, invoke }).catch((error: unknown) => {
      refused += 1;
      throw error;
    });
  };
  app = await DeployedTestApp.open({ clock, between });
}, 300_000);
afterAll(() => app.close());

const numbers = Array.from({ length: 200 }, (_, place) => place);
const doubled = numbers.map((number) => number * 2);

test.each([
  ['forty workers of one execution', 5],
  ['two hundred executions', 1],
])(
  '200 items come to what they come to where ten functions work at once, by %s',
  async (_by, batch_size) => {
    [most, refused] = [0, 0];
    const run = await app.run(mapWorkflow({ items: '{% numbers %}', batch_size }), { numbers });
    expect([run.status, run.cause]).toEqual(['SUCCEEDED', '']);
    expect(valuesOf(await app.state(run))).toEqual(doubled);
    expect(run.envelope?.state_data.distributed_chunk_summary).toMatchObject({ succeeded: 200, failed: 0 });
    expect(most).toBe(10);
    expect(refused).toBeGreaterThan(100);
  },
  120_000,
);

test.each([
  ['forty workers of one execution', 5],
  ['two hundred executions', 1],
])(
  'the first generation the same, by %s',
  async (_by, batch_size) => {
    const workflow = mapWorkflow({ items: '{% numbers %}', batch_size });
    const ended = await runLegacy(
      app,
      await legacyStart(app, { ...workflow, initial_state: { numbers, rate: 2 } }),
    );
    expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
    expect(await legacyState(app, ended.bag)).toMatchObject({ all: doubled });
  },
  120_000,
);

test('sixty branches the same, forty at once', async () => {
  const branches = numbers
    .slice(0, 60)
    .map((number) => ({ id: `b${number}`, nodes: [transform(`value${number}`, `{% ${number} * 2 %}`)] }));
  const group = { id: 'split', type: 'parallel_group', config: { branches } };
  const document = { name: 'wide', nodes: [group], options: { max_concurrency: 40 } } as JsonObject;
  [most, refused] = [0, 0];
  const run = await app.run(document);
  expect([run.status, run.cause]).toEqual(['SUCCEEDED', '']);
  expect(Object.values(await app.state(run))).toEqual(doubled.slice(0, 60));
  expect(most).toBe(10);
}, 120_000);

test('the worker of a long call that begins an hour later answers like any other', async () => {
  kept = 40;
  const asks = { prompt: 'Think long about rivers.', async: true };
  const began = clock.now();
  const run = await app.run({
    name: 'slow',
    nodes: [{ id: 'thought', type: 'llm_chat', output_key: 'thought', config: asks }],
  });
  expect([run.status, run.cause]).toEqual(['SUCCEEDED', '']);
  expect(clock.now() - began).toBeGreaterThan(40 * WORK_MS);
  expect(run.envelope?.state_data.usage).toMatchObject({ llm_calls: 1 });
}, 120_000);
