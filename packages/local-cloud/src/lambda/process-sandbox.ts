import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { text as readText } from 'node:stream/consumers';
import { whyForeign } from '../gateway/foreign-requests.ts';
import { createMailbox } from './mailbox.ts';
import type { FunctionError, Inhabitant, Notice, SandboxEvent } from './sandbox-messages.ts';

/** A program that asks Lambda's Runtime API for events. */
export interface RuntimeProcess {
  readonly command: string;
  readonly args: readonly string[];
  /** The folder of the package. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

const RUNTIME = '/2018-06-01/runtime';

/**
 * Starts a process of its own for one function, with a Runtime API that only it knows of. It gets nothing of
 * this process's environment.
 */
export function openProcess(program: RuntimeProcess, put: (notice: Notice) => void): Inhabitant {
  const events = createMailbox<SandboxEvent>();
  let isReady = false;
  const ready = (): void => {
    if (!isReady) put({ kind: 'ready' });
    isReady = true;
  };
  const server = createServer((request, response) => void serve(request, response, { events, put, ready }));
  server.keepAliveTimeout = 0;
  let child: ChildProcess | undefined;
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    child = start(program, `127.0.0.1:${port}`, put);
  });
  return {
    post: events.put,
    end: async () => {
      endGroup(child);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** With all that it started: a `bootstrap` is often a script. */
function endGroup(child: ChildProcess | undefined): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGKILL');
}

function start(
  { command, args, folder, environment }: RuntimeProcess,
  api: string,
  put: (notice: Notice) => void,
): ChildProcess {
  const child = spawn(command, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      ...environment,
      AWS_LAMBDA_RUNTIME_API: api,
    },
  });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (message) => put({ kind: 'log', message }));
  child.on('error', (error) => put({ kind: 'ended', error: exitError(error.message) }));
  child.on('exit', (code, signal) =>
    put({ kind: 'ended', error: exitError(signal === null ? `exit status ${code}` : `signal: ${signal}`) }),
  );
  return child;
}

function exitError(why: string): FunctionError {
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `Error: Runtime exited with error: ${why}`,
  };
}

interface Api {
  readonly events: { next(): Promise<SandboxEvent> };
  put(notice: Notice): void;
  /** It asks for an event: its code is loaded. */
  ready(): void;
}

async function serve(request: IncomingMessage, response: ServerResponse, api: Api): Promise<void> {
  const foreign = whyForeign(request.headers);
  const [, id, verb] = /^\/invocation\/([\w-]+)\/(\w+)$/.exec(pathIn(request)) ?? [];
  if (foreign !== undefined) return end(response, 403, foreign);
  if (request.method === 'GET' && pathIn(request) === '/invocation/next') return giveNext(response, api);
  const body = await readText(request);
  if (request.method === 'POST' && pathIn(request) === '/init/error') {
    api.put({ kind: 'refused', error: errorIn(body) });
    return end(response, 202);
  }
  if (request.method !== 'POST' || id === undefined || !(verb === 'response' || verb === 'error'))
    return end(response, 404);
  // What it printed before it answered is read first.
  setImmediate(() => api.put(noticeOf(verb, body)));
  return end(response, 202);
}

function noticeOf(verb: 'response' | 'error', body: string): Notice {
  return verb === 'response'
    ? { kind: 'result', payload: body === '' ? 'null' : body }
    : { kind: 'error', error: errorIn(body) };
}

function pathIn({ url = '' }: IncomingMessage): string {
  return url.startsWith(RUNTIME) ? url.slice(RUNTIME.length) : '';
}

async function giveNext(response: ServerResponse, { events, ready }: Api): Promise<void> {
  ready();
  const { requestId, payload, deadline, invokedFunctionArn } = await events.next();
  response.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': requestId,
    'lambda-runtime-deadline-ms': String(deadline),
    'lambda-runtime-invoked-function-arn': invokedFunctionArn,
  });
  response.end(payload);
}

function end(response: ServerResponse, status: number, text = ''): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}

/** What a runtime says of a failure; where it is no error document, its text. */
function errorIn(body: string): FunctionError {
  const value: unknown = body.trimStart().startsWith('{') ? JSON.parse(body) : { errorMessage: body };
  const member = (name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  const trace: unknown = member('stackTrace') ?? member('trace') ?? [];
  return {
    errorType: String(member('errorType') ?? 'Runtime.Unknown'),
    errorMessage: String(member('errorMessage') ?? ''),
    trace: Array.isArray(trace) ? trace.map(String) : [],
  };
}
