import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { DEFAULT_SETTINGS, type VersionConfig } from '../../src/lambda/function-config.ts';
import { unpack } from '../../src/lambda/package.ts';
import { entryOf, runtimeOf } from '../../src/lambda/runtimes.ts';
import { openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';

let opened: TestCloud;
beforeAll(async () => {
  opened = await openTestCloud({ durable: false });
});
afterAll(() => opened.close());

let count = 0;

/** Deploys a package as a stack would, and gives what invokes it. */
function deployPackage(
  runtimeName: string,
  handler: string,
  files: Readonly<Record<string, string>>,
  more: Partial<VersionConfig> = {},
) {
  const { cloud } = opened;
  count += 1;
  const name = `packed-${count}`;
  const runtime = runtimeOf(runtimeName);
  const uploaded = { handler, role: '', runtime: runtimeName, sha256: '', size: 1 };
  cloud.functions.define({
    name,
    bundle: zipSync(
      Object.fromEntries(Object.entries(files).map(([file, text]) => [file, Buffer.from(text)])),
    ),
    config: {
      ...entryOf(handler, Object.keys(files), runtime),
      ...(runtime && { runtime }),
      ...{ memorySize: 128, timeout: 5, environment: { GREETING: 'hello' }, uploaded, ...more },
    },
    settings: DEFAULT_SETTINGS,
  });
  return async (event: unknown) => {
    const { payload, functionError, log } = await cloud.functions.invoke({
      functionName: name,
      invocationType: 'RequestResponse',
      payload: JSON.stringify(event),
    });
    return { answer: JSON.parse(payload), functionError, log: (log ?? []).join('\n') };
  };
}

test('a package of several files runs with the libraries that lie in it', async () => {
  const invoke = deployPackage('nodejs20.x', 'src/app.handler', {
    'src/app.js': "const { add } = require('adder'); exports.handler = async ({ a }) => add(a, 1);",
    'node_modules/adder/index.js': 'exports.add = (a, b) => a + b;',
  });
  expect(await invoke({ a: 2 })).toMatchObject({ answer: 3, functionError: undefined });
});

test('a handler may be a module, take a callback, and use the clients of AWS that Lambda has at hand', async () => {
  const module = deployPackage('nodejs22.x', 'app.handler', {
    'app.mjs':
      "import { SFNClient } from '@aws-sdk/client-sfn'; export const handler = async () => typeof SFNClient;",
  });
  const callback = deployPackage('nodejs18.x', 'app.handler', {
    'app.js':
      "exports.handler = (event, context, done) => setTimeout(() => event.fail ? done(new RangeError('no')) : done(null, 'called'), 1);",
  });
  expect((await module({})).answer).toBe('function');
  expect((await callback({})).answer).toBe('called');
  expect((await callback({ fail: true })).answer).toMatchObject({
    errorType: 'RangeError',
    errorMessage: 'no',
  });
});

test('a package is there again after a restart', async () => {
  const files = { 'app.js': 'exports.handler = async () => 7;' };
  const before = deployPackage('nodejs20.x', 'app.handler', files);
  const name = `packed-${count}`;
  expect((await before({})).answer).toBe(7);
  opened = await opened.restart();
  const { payload } = await opened.cloud.functions.invoke({
    functionName: name,
    invocationType: 'RequestResponse',
    payload: '{}',
  });
  expect(payload).toBe('7');
});

const PYTHON = {
  'app/main.py': `import json, os
from context_reader import remaining
def handler(event, context):
    print("working")
    if event.get("fail"):
        raise KeyError("order")
    if event.get("set"):
        return {1, 2}
    return {"greeting": os.environ["GREETING"], "name": context.function_name, "left": remaining(context) > 0,
            "leaked": "HOME" in os.environ}
`,
  'context_reader.py': 'def remaining(context):\n    return context.get_remaining_time_in_millis()\n',
};

test('python runs in a process that answers, fails and prints as the service says', async () => {
  if (runtimeIsMissing('python3.12')) return;
  const invoke = deployPackage('python3.12', 'app/main.handler', PYTHON);
  const { answer, log } = await invoke({});
  expect(answer).toEqual({ greeting: 'hello', name: `packed-${count}`, left: true, leaked: false });
  expect(log).toContain('working');
  expect(await invoke({ fail: true })).toMatchObject({
    functionError: 'Unhandled',
    answer: { errorType: 'KeyError', errorMessage: "'order'" },
  });
  expect((await invoke({ set: true })).answer.errorType).toBe('Runtime.MarshalError');
  const missing = deployPackage('python3.12', 'app.handler', { 'app.py': 'import no_such_module' });
  expect((await missing({})).answer).toMatchObject({
    errorType: 'Runtime.ImportModuleError',
    errorMessage: "Unable to import module 'app': No module named 'no_such_module'",
  });
  const slow = deployPackage(
    'python3.12',
    'app.handler',
    { 'app.py': 'import time\ndef handler(event, context):\n    time.sleep(60)' },
    { timeout: 0.2 },
  );
  expect((await slow({})).answer.errorType).toBe('Sandbox.Timedout');
}, 30_000);

function runtimeIsMissing(name: string): boolean {
  try {
    runtimeOf(name);
    return false;
  } catch (error) {
    console.warn(`not tested: ${String(error)}`);
    return true;
  }
}

test('a bootstrap of its own takes events and answers them', async () => {
  const invoke = deployPackage('provided.al2023', 'anything', {
    bootstrap: `#!${process.execPath}
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
for (;;) {
  const next = await fetch(api + 'next');
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const event = await next.json();
  const [end, body] = event.fail ? ['error', { errorType: 'Own', errorMessage: 'no' }] : ['response', { got: event }];
  await fetch(api + id + '/' + end, { method: 'POST', body: JSON.stringify(body) });
}
`,
    'package.json': '{"type":"module"}',
  });
  expect((await invoke({ a: 1 })).answer).toEqual({ got: { a: 1 } });
  expect((await invoke({ fail: 1 })).answer).toMatchObject({ errorType: 'Own', errorMessage: 'no' });
});

test('what cannot run is refused by name', () => {
  expect(() => runtimeOf('java21')).toThrow('java21');
  expect(() => runtimeOf('python3.13', '/nowhere')).toThrow('python3.13');
  expect(() => entryOf('app.handler', ['other.js'], undefined)).toThrow('app.js');
  expect(() => unpack(zipSync({ '../out.js': Buffer.from('') }), opened.dataDir)).toThrow('../out.js');
});
