import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunDetail, RunView } from '@statebag/contracts/schemas/api';

const ROOT = join(import.meta.dirname, '..');
const READY_MS = 90_000;
const SERVICES = ['workflow-api', 'aggregator'];

let offline: ChildProcess;
let dataDir: string;
let port: number;
let token: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'statebag-offline-'));
  port = await freePorts(2 * SERVICES.length);
  const services = SERVICES.flatMap((name) => ['--service', name]);
  const args = [
    'node',
    '--disable-warning=ExperimentalWarning',
    'packages/deployment/src/commands/offline.ts',
    ...services,
    '--port',
    String(port),
    '--data-dir',
    dataDir,
  ];
  offline = spawn(join(ROOT, 'bin', 'setup'), args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = await ready(offline);
  token = /^token: (\S+)$/m.exec(said)?.[1] ?? '';
}, READY_MS + 10_000);
afterAll(async () => {
  if (offline.exitCode === null) {
    offline.kill('SIGTERM');
    await once(offline, 'exit');
  }
  rmSync(dataDir, { recursive: true, force: true });
});

/** The first of so many free ports in a row, below those that the system gives to whoever asks for any. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(candidate: number): Promise<boolean> {
  const server = createServer().listen(candidate, 'localhost');
  const free = await once(server, 'listening').then(
    () => true,
    () => false, // somebody listens there
  );
  server.close();
  return free;
}

/** Waits until every service says that it serves. */
function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
    const late = setTimeout(() => reject(new Error(`not ready after ${READY_MS} ms: ${said}`)), READY_MS);
    const hear = (chunk: unknown) => {
      said += String(chunk);
      if (said.split('Function names exposed').length <= SERVICES.length || !said.includes('Server ready'))
        return;
      clearTimeout(late);
      resolve(said);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
  });
}

async function call<Body>(
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Body }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const reply = await fetch(`http://localhost:${port}${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as Body };
}

test('the HTTP API runs a workflow on the local cloud, and asks for a token', async () => {
  const workflow = {
    name: 'hello',
    nodes: [
      {
        id: 'a',
        type: 'data_transform',
        output_key: 'greeting',
        config: { transform: "{% 'Hello ' & name %}" },
      },
    ],
  };
  const started = await call<RunView>('POST', '/runs', {
    workflow_id: 'hello',
    workflow,
    input: { name: 'Ada' },
  });
  expect(started.status).toBe(201);
  let run = await call<RunDetail>('GET', `/runs/${started.body.execution_id}`);
  while (run.body.status === 'RUNNING') {
    await pause(100);
    run = await call<RunDetail>('GET', `/runs/${started.body.execution_id}`);
  }
  expect(run.body).toMatchObject({ status: 'SUCCEEDED', output: { greeting: 'Hello Ada' } });
  expect((await fetch(`http://localhost:${port}/runs`)).status).toBe(401);
});

test('the Lambda endpoints of every service answer AWS clients', async () => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const functions = ['statebag-workflow-api-local-listRuns', 'statebag-aggregator-local-aggregateResults'];
  for (const [index, FunctionName] of functions.entries()) {
    const lambda = new LambdaClient({
      endpoint: `http://localhost:${port + 2 * index + 1}`,
      region: 'us-east-1',
      credentials,
    });
    const { Payload, StatusCode } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify({ requestContext: {} }) }),
    );
    expect({ FunctionName, StatusCode, text: Payload?.transformToString() }).toEqual({
      FunctionName,
      StatusCode: 200,
      text: expect.stringMatching(/Api\.Unauthenticated|state_data/),
    });
    lambda.destroy();
  }
});
