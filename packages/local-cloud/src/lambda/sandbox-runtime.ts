/** Runs inside a worker thread: loads one bundle and answers one event at a time, as Lambda's Node runtime does. */
import { createRequire } from 'node:module';
import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionError, SandboxEvent, SandboxMessage, SandboxStart } from './sandbox-messages.ts';

type Handler = (event: unknown, context: object) => unknown;

const CONSOLE_LEVELS = { log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', debug: 'DEBUG', trace: 'TRACE' } as const;

const port = parentPort;
// The sandbox that starts this thread passes exactly this shape.
const start = workerData as SandboxStart;
let requestId = 'undefined';

captureOutput();
const handler = load();
if (handler !== undefined) {
  port?.on('message', (event: SandboxEvent) => void run(handler, event));
  send({ kind: 'ready' });
}

function load(): Handler | undefined {
  try {
    const exported: unknown = createRequire(start.codePath)(start.codePath);
    const found = typeof exported === 'object' && exported !== null ? Reflect.get(exported, start.exportName) : undefined;
    if (isHandler(found)) return found;
    send({ kind: 'refused', error: { errorType: 'Runtime.HandlerNotFound', errorMessage: `${start.exportName} is undefined or not exported`, trace: [] } });
  } catch (error) {
    send({ kind: 'refused', error: describe(error) });
  }
  return undefined;
}

async function run(handle: Handler, event: SandboxEvent): Promise<void> {
  requestId = event.requestId;
  try {
    const result = await handle(JSON.parse(event.payload), contextOf(event));
    send({ kind: 'result', payload: stringify(result) });
  } catch (error) {
    const described = describe(error);
    writeConsole('ERROR', ['Invoke Error', JSON.stringify({ ...described, stack: described.trace })]);
    send({ kind: 'error', error: described });
  }
}

function contextOf(event: SandboxEvent): object {
  return {
    awsRequestId: event.requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: start.functionName,
    functionVersion: start.functionVersion,
    invokedFunctionArn: event.invokedFunctionArn,
    memoryLimitInMB: String(start.memoryMb),
    logGroupName: start.logGroup,
    logStreamName: start.logStream,
    getRemainingTimeInMillis: () => Math.max(0, event.deadline - Date.now()),
  };
}

function stringify(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (cause) {
    throw Object.assign(new Error('Unable to stringify response body', { cause }), { name: 'Runtime.MarshalError' });
  }
}

function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** Whatever is printed goes to the log in the order it was printed, and before the answer. */
function captureOutput(): void {
  for (const [method, level] of Object.entries(CONSOLE_LEVELS)) {
    Reflect.set(console, method, (...values: unknown[]) => writeConsole(level, values));
  }
  for (const stream of [process.stdout, process.stderr]) {
    Reflect.set(stream, 'write', (chunk: string | Uint8Array, ...rest: unknown[]) => {
      for (const line of Buffer.from(chunk).toString('utf8').split('\n')) if (line !== '') send({ kind: 'log', message: line });
      const done = rest.find((each) => typeof each === 'function');
      if (done !== undefined) queueMicrotask(() => void Reflect.apply(done, undefined, []));
      return true;
    });
  }
}

function writeConsole(level: string, values: readonly unknown[]): void {
  send({ kind: 'log', message: `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}` });
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

function send(message: SandboxMessage): void {
  port?.postMessage(message);
}
