import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { afterEach, expect, test } from '@jest/globals';
import { openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from './deploy-code.ts';

let opened: TestCloud;

afterEach(() => opened.close());

/** Gives the name of the sandbox it ran in, after `work`. */
const named = (work = ''): string =>
  `(() => { const name = require('node:crypto').randomUUID(); return async (event) => { ${work} return name; }; })()`;

async function sandboxesOf(functionName: string, events: readonly unknown[]): Promise<Set<string>> {
  const answers = await Promise.all(
    events.map((event) =>
      opened.cloud.functions.invoke({
        functionName,
        invocationType: 'RequestResponse',
        payload: JSON.stringify(event),
      }),
    ),
  );
  return new Set(answers.map(({ payload }) => payload));
}

test('short events that come at once share a warm sandbox', async () => {
  opened = await openTestCloud();
  await deployCode(opened.cloud, 'short', named());
  await sandboxesOf('short', [0]);
  expect(await sandboxesOf('short', Array(40).fill(0))).toHaveProperty('size', 1);
});

test('events that take long run side by side', async () => {
  opened = await openTestCloud();
  await deployCode(opened.cloud, 'long', named('await fetch(event);'), { config: { timeout: 10 } });
  const meeting = await openMeeting(4);
  expect(await sandboxesOf('long', Array(4).fill(meeting.url))).toHaveProperty('size', 4);
  meeting.close();
});

test('events that compute share a few sandboxes where these keep all processors busy', async () => {
  opened = await openTestCloud();
  const compute = 'for (const end = performance.now() + 100; performance.now() < end; );';
  await deployCode(opened.cloud, 'busy', named(compute), { config: { timeout: 30 } });
  await sandboxesOf('busy', [0]);
  const used = await sandboxesOf('busy', Array(16).fill(0));
  expect(used.size).toBeLessThanOrEqual(availableParallelism() + 1);
});

/** A server that answers nobody before as many have come. */
async function openMeeting(size: number): Promise<{ readonly url: string; close(): void }> {
  const present: ServerResponse[] = [];
  const server = createServer((_, response) => {
    present.push(response);
    if (present.length === size) for (const each of present) each.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
