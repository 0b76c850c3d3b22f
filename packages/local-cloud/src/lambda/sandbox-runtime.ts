/**
 * Runs inside a worker thread: loads one bundle and answers one event at a time, as Lambda's Node runtime
 * does.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { constants, Script } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionError, SandboxEvent, SandboxMessage, SandboxStart } from './sandbox-messages.ts';

type Callback = (error: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: object, callback: Callback) => unknown;

const CONSOLE_LEVELS = {
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
  debug: 'DEBUG',
  trace: 'TRACE',
} as const;

const WRAPPER = '(function (exports, require, module, __filename, __dirname) {';

const port = parentPort;
// The sandbox that starts this thread passes exactly this shape.
const start = workerData as SandboxStart;
let requestId = 'undefined';
/** What is compiled and not kept yet. */
let unkept: Script | undefined;

captureOutput();
const handler = await load();
if (handler !== undefined) {
  port?.on('message', (event: SandboxEvent) => void run(handler, event));
  send({ kind: 'ready' });
}

async function load(): Promise<Handler | undefined> {
  try {
    const found =
      start.packageFolder === undefined
        ? memberOf(loadBundle(), start.exportName)
        : await importHandler(start.packageFolder);
    if (isHandler(found)) return found;
    send({
      kind: 'refused',
      error: {
        errorType: 'Runtime.HandlerNotFound',
        errorMessage: `${start.exportName} is undefined or not exported`,
        trace: [],
      },
    });
  } catch (error) {
    send({ kind: 'refused', error: describe(error) });
  }
  return undefined;
}

/** What Node does with a CommonJS module, with what V8 made of it in an earlier thread. */
function loadBundle(): unknown {
  const { codePath, compiledPath } = start;
  if (compiledPath === undefined) return createRequire(codePath)(codePath);
  const cachedData = existsSync(compiledPath) ? readFileSync(compiledPath) : undefined;
  const script = new Script(`${WRAPPER}${readFileSync(codePath, 'utf8')}\n})`, {
    filename: codePath,
    columnOffset: -WRAPPER.length,
    ...(cachedData && { cachedData }),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (cachedData === undefined || script.cachedDataRejected) unkept = script;
  const module = { exports: {}, id: codePath, filename: codePath };
  const around = [module.exports, createRequire(codePath), module, codePath, dirname(codePath)];
  Reflect.apply(script.runInThisContext(), module.exports, around);
  return module.exports;
}

/** After the first event, when functions that were compiled as they were called are among it. */
function keepCompiled(): void {
  const { compiledPath } = start;
  if (unkept === undefined || compiledPath === undefined) return;
  const temporary = `${compiledPath}.${randomUUID()}`;
  writeFileSync(temporary, unkept.createCachedData());
  renameSync(temporary, compiledPath);
  unkept = undefined;
}

/** A package is CommonJS or a module, with libraries beside it. */
async function importHandler(folder: string): Promise<unknown> {
  Reflect.set(process.env, 'LAMBDA_TASK_ROOT', folder);
  registerHooks({
    resolve: (specifier, context, next) => {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!specifier.startsWith('@aws-sdk/')) throw error;
        return next(specifier, { ...context, parentURL: start.clientsFrom });
      }
    },
  });
  const exported: unknown = await import(pathToFileURL(start.codePath).href);
  return memberOf(exported, start.exportName) ?? memberOf(memberOf(exported, 'default'), start.exportName);
}

function memberOf(value: unknown, name: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, name)
    : undefined;
}

async function run(handle: Handler, event: SandboxEvent): Promise<void> {
  requestId = event.requestId;
  try {
    const result = await call(handle, JSON.parse(event.payload), contextOf(event));
    send({ kind: 'result', payload: stringify(result) });
  } catch (error) {
    const described = describe(error);
    writeConsole('ERROR', ['Invoke Error', JSON.stringify({ ...described, stack: described.trace })]);
    send({ kind: 'error', error: described });
  }
  keepCompiled();
}

/** A handler gives a promise, or takes a callback as the older ones do. */
function call(handle: Handler, event: unknown, context: object): unknown {
  if (handle.length < 3) return handle(event, context, () => {});
  return new Promise((resolve, reject) => {
    const given = handle(event, context, (error, result) =>
      error === null || error === undefined ? resolve(result) : reject(error),
    );
    if (given instanceof Promise) given.then(resolve, reject);
  });
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
    throw Object.assign(new Error('Unable to stringify response body', { cause }), {
      name: 'Runtime.MarshalError',
    });
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
      for (const line of Buffer.from(chunk).toString('utf8').split('\n'))
        if (line !== '') send({ kind: 'log', message: line });
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
