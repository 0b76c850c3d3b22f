import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { virtualClock } from '@statebag/local-cloud/testing';
import { DeployedTestApp, type Invoke, statesEntered } from './deployed-app.ts';
import { mapsOf, mapWorkflow, resumeFailedItems, valuesOf } from './map-runs.ts';

/** Items that the called service refuses, and how often each was asked for. */
const refused = new Set<number>();
const asked = new Map<number, number>();
const server = createServer((request, response) => {
  const item = Number(request.url?.slice(1));
  asked.set(item, (asked.get(item) ?? 0) + 1);
  response
    .writeHead(refused.has(item) ? 422 : 200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ item }));
});

type Between = (invocation: Parameters<Invoke>[0], invoke: Invoke) => ReturnType<Invoke>;
const PASS_ON: Between = (invocation, invoke) => invoke(invocation);
let between = PASS_ON;

let app: DeployedTestApp;
let body: JsonObject[];
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  body = [
    {
      id: 'ask',
      type: 'api_call',
      output_key: 'answer',
      config: { url: `http://127.0.0.1:${port}/{{ $item }}` },
    },
  ];
  const parameters = { httpAllowedHosts: '127.0.0.1' };
  // Waits between attempts are skipped.
  app = await DeployedTestApp.open({
    between: (invocation, invoke) => between(invocation, invoke),
    clock: virtualClock(),
    parameters,
  });
}, 300_000);
afterEach(() => {
  between = PASS_ON;
  refused.clear();
  asked.clear();
});
afterAll(async () => {
  await app.close();
  await new Promise((resolve) => server.close(resolve));
});

const upTo = (count: number) => Array.from({ length: count }, (_, place) => place);
const asking = (config: JsonObject) =>
  mapWorkflow({ items: '{% numbers %}', result: '{% answer.body.item %}', ...config }, body);
const isChunk = ({ functionName }: Parameters<Invoke>[0]) => functionName.includes('processSegmentChunk');

/** What a function that ended without a word looks like to Step Functions. */
function lost(): Awaited<ReturnType<Invoke>> {
  const payload = JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage: 'the process ended' });
  return { statusCode: 200, requestId: 'none', executedVersion: '1', functionError: 'Unhandled', payload };
}

describe('items that fail', () => {
  test('are null where they may fail, and listed with their places and reasons', async () => {
    for (const item of [3, 11]) refused.add(item);
    const run = await app.run(asking({ tolerated_failure_percentage: 10 }), { numbers: upTo(20) });
    expect([run.status, run.error]).toEqual(['SUCCEEDED', '']);
    expect(valuesOf(await app.state(run))).toEqual(upTo(20).map((item) => (refused.has(item) ? null : item)));
    const { failed_segments = [], distributed_chunk_summary } = run.envelope?.state_data ?? {};
    expect(failed_segments.map(({ error, message }) => [error, /item (\d+):/.exec(message)?.[1]])).toEqual([
      ['Http.Refused', '3'],
      ['Http.Refused', '11'],
    ]);
    expect(distributed_chunk_summary).toMatchObject({ total: 20, succeeded: 18, failed: 2 });
  });

  test('fail the run where they may not, with their own error', async () => {
    refused.add(4);
    const run = await app.run(asking({}), { numbers: upTo(8) });
    expect([run.status, run.error]).toEqual(['FAILED', 'Http.Refused']);
    expect(run.cause).toMatch(/1 of 8 items failed, 0 % may; item 4: /);
  });

  test('fail the run where all of them do, whatever may', async () => {
    for (const item of upTo(6)) refused.add(item);
    const run = await app.run(asking({ tolerated_failure_percentage: 100 }), { numbers: upTo(6) });
    expect([run.status, run.error]).toEqual(['FAILED', 'Http.Refused']);
    const { after } = await mapsOf(app, run.executionArn);
    expect(after[0]?.state_data.failed_segments).toHaveLength(5);
    expect(after[0]?.state_data.failed_segments_s3_path).toMatchObject({ type: 's3_reference' });
  });

  test.each([
    ['here', 30],
    ['in executions of their own', 230],
  ])(
    'are all that runs when the run is resumed for them, %s',
    async (_where, count) => {
      for (const item of [0, 7, count - 1]) refused.add(item);
      const failed = await app.run(asking({}), { numbers: upTo(count) });
      expect(failed.status).toBe('FAILED');
      refused.delete(0);
      const second = await resumeFailedItems(app, failed.executionArn);
      expect([second.status, second.error]).toEqual(['FAILED', 'Http.Refused']);
      refused.clear();
      const third = await resumeFailedItems(app, second.executionArn);
      expect([third.status, third.error]).toEqual(['SUCCEEDED', '']);
      expect(valuesOf(await app.state(third))).toEqual(upTo(count));
      expect(third.envelope?.state_data.failed_segments).toBeUndefined();
      const times = [...asked].filter(([, calls]) => calls > 1).sort(([left], [right]) => left - right);
      expect(times).toEqual([[0, 2], [7, 3], [count - 1, 3]]); // biome-ignore format: one line
      expect(asked.size).toBe(count);
    },
    120_000,
  );
});

describe('a worker that is lost', () => {
  const losing =
    (first: number): Between =>
    (invocation, invoke) =>
      isChunk(invocation) && firstOf(invocation.payload) === first
        ? Promise.resolve(lost())
        : invoke(invocation);

  function firstOf(payload: string): number | undefined {
    const { items } = JSON.parse(payload);
    return Array.isArray(items) ? items[0]?.index : items.execution_order;
  }

  test.each([
    ['here', 20],
    ['among many executions', 230],
  ])(
    'loses its own items only, %s',
    async (_where, count) => {
      between = losing(10);
      const run = await app.run(asking({ tolerated_failure_percentage: 50 }), { numbers: upTo(count) });
      expect([run.status, run.cause]).toEqual(['SUCCEEDED', '']);
      expect(valuesOf(await app.state(run))).toEqual(
        upTo(count).map((item) => (item >= 10 && item < 15 ? null : item)),
      );
      expect(run.envelope?.state_data.failed_segments?.[0]?.message).toMatch(
        /item 10: its worker failed: Runtime\.ExitError/,
      );
    },
    120_000,
  );

  test('is no success: too many of them fail the run', async () => {
    between = (invocation, invoke) => (isChunk(invocation) ? Promise.resolve(lost()) : invoke(invocation));
    const run = await app.run(asking({ tolerated_failure_percentage: 90, batch_size: 100 }), {
      numbers: upTo(230),
    });
    expect([run.status, run.error]).toEqual(['FAILED', 'States.ExceedToleratedFailureThreshold']);
  }, 120_000);
});

test('any call whose answer is lost once changes nothing', async () => {
  const calm = await app.state(await app.run(asking({}), { numbers: upTo(12) }));
  asked.clear();
  const seen = new Set<string>();
  between = async (invocation, invoke) => {
    const { retry_count: _try, ...payload } = JSON.parse(invocation.payload);
    const call = `${invocation.functionName} ${JSON.stringify(payload)}`;
    const answer = await invoke(invocation);
    if (seen.has(call)) return answer;
    seen.add(call);
    return lost();
  };
  const run = await app.run(asking({}), { numbers: upTo(12) });
  expect([run.status, run.cause]).toEqual(['SUCCEEDED', '']);
  expect(await app.state(run)).toEqual(calm);
  expect(seen.size).toBeGreaterThan(8);
  expect([...new Set(asked.values())]).toEqual([1]); // what is recorded is not asked again
}, 120_000);

test('a cloud that stops in the middle of a map and comes back ends the run as it would have', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-map-'));
  const options = { dataDir, parameters: { httpAllowedHosts: '127.0.0.1' } };
  const slowly: Between = async (invocation, invoke) => {
    if (isChunk(invocation)) await pause(20);
    return invoke(invocation);
  };
  const stopping = await DeployedTestApp.open({ ...options, between: slowly });
  const arn = await stopping.start(asking({}), { input: { numbers: upTo(230) } });
  while (asked.size < 60) await pause(10);
  await stopping.close();
  const back = await DeployedTestApp.open(options);
  try {
    const run = await back.end(arn);
    expect([run.status, run.cause]).toEqual(['SUCCEEDED', '']);
    expect(valuesOf(await back.state(run))).toEqual(upTo(230));
    const [map = ''] = (await mapsOf(back, arn)).arns;
    expect(
      statesEntered(await back.history(map)).filter((name) => name === 'ProcessDistributedChunks'),
    ).toHaveLength(1);
    // in flight: six workers, four items each
    expect([...asked.values()].filter((calls) => calls > 1).length).toBeLessThanOrEqual(24);
  } finally {
    await back.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 180_000);
