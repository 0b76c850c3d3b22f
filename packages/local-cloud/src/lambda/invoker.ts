import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ApiError, type Clock, type Invocation, type InvocationResult } from '@statebag/states';
import type { LogStore } from '../logs/log-store.ts';
import type { CodeStore } from './code-store.ts';
import { type FunctionAddress, type FunctionVersion, PAYLOAD_LIMITS } from './function-config.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { Outcome, SandboxOptions } from './sandbox.ts';
import type { FunctionError } from './sandbox-messages.ts';
import type { SandboxPool } from './sandbox-pool.ts';

export interface Call extends FunctionAddress {
  readonly payload: string;
  readonly requestId?: string;
  /** The caller is a function that waits for the answer. */
  readonly nested?: boolean;
}

/** An answer and what the function printed while it worked. */
export interface LoggedResult extends InvocationResult {
  readonly log: readonly string[];
}

export type Invoker = (call: Call) => Promise<LoggedResult>;

export interface InvokerDeps {
  readonly registry: FunctionRegistry;
  readonly code: CodeStore;
  readonly pool: SandboxPool;
  readonly logs: LogStore;
  readonly clock: Clock;
  readonly random: () => number;
  arnOf(functionName: string, qualifier?: string): string;
  /** What every function finds in its environment: endpoint, region, the credentials of its role. */
  environmentOf(functionName: string): Readonly<Record<string, string>>;
}

/** Runs one event in a sandbox and gives the answer Lambda would give. */
export function createInvoker(deps: InvokerDeps): Invoker {
  return async ({ functionName, qualifier, payload, requestId = randomUUID(), nested = false }) => {
    const version = deps.registry.resolve(functionName, qualifier, deps.random);
    if (Buffer.byteLength(payload) > PAYLOAD_LIMITS.request) throw requestTooLarge(PAYLOAD_LIMITS.request);
    const options = sandboxOptions(version, deps);
    const log: string[] = [];
    const onLog = (message: string): void => {
      log.push(message);
      deps.logs.append(options.logGroup, options.logStream, message);
    };
    const release = deps.clock.hold();
    try {
      const startedAt = performance.now();
      onLog(`START RequestId: ${requestId} Version: ${version.version}`);
      const outcome = await deps.pool.run({
        key: keyOf(version),
        functionName,
        options,
        nested,
        maxConcurrency: deps.registry.settings(functionName).maxConcurrency,
        task: { requestId, payload, onLog, invokedFunctionArn: deps.arnOf(functionName, qualifier) },
      });
      onLog(`END RequestId: ${requestId}`);
      onLog(reportLine(requestId, version, performance.now() - startedAt));
      return { ...answerOf(outcome), requestId, executedVersion: version.version, log };
    } finally {
      deps.logs.write();
      release();
    }
  };
}

/** Lambda's refusal of a payload over its limit. */
export function requestTooLarge(limit: number): ApiError {
  return new ApiError(
    'RequestTooLargeException',
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
    {
      status: 413,
      fields: { Type: 'User' },
    },
  );
}

function answerOf(outcome: Outcome): Pick<InvocationResult, 'statusCode' | 'payload' | 'functionError'> {
  if (outcome.kind === 'error') return failed(outcome.error);
  const size = Buffer.byteLength(outcome.payload);
  if (size <= PAYLOAD_LIMITS.response) return { statusCode: 200, payload: outcome.payload };
  const errorMessage = `Response payload size (${size} bytes) exceeded maximum allowed payload size (${PAYLOAD_LIMITS.response} bytes).`;
  return failed({ errorType: 'Function.ResponseSizeTooLarge', errorMessage });
}

function failed(error: FunctionError): Pick<InvocationResult, 'statusCode' | 'payload' | 'functionError'> {
  return { statusCode: 200, functionError: 'Unhandled', payload: JSON.stringify(error) };
}

function sandboxOptions(version: FunctionVersion, { code, environmentOf }: InvokerDeps): SandboxOptions {
  const { functionName, memorySize, timeout } = version;
  const { folder, file } = code.pathsOf(version);
  const logGroup = `/aws/lambda/${functionName}`;
  const logStream = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[${version.version}]${version.codeSha256.slice(0, 32)}`;
  const runtime = {
    AWS_EXECUTION_ENV: `AWS_Lambda_${version.uploaded?.runtime || 'nodejs24.x'}`,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: version.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    _HANDLER: version.uploaded?.handler ?? `index.${version.exportName}`,
    ...(version.entry !== undefined && { LAMBDA_TASK_ROOT: folder }),
    TZ: ':UTC',
  };
  const program = programOf(version, folder, code);
  return {
    ...(program !== undefined && { program: { ...program, folder } }),
    runtime: code.runtime,
    codePath: file,
    compiledPath: code.compiledPathOf(version),
    clientsFrom: import.meta.url,
    ...(version.entry !== undefined && { packageFolder: folder }),
    exportName: version.exportName,
    functionName,
    functionVersion: version.version,
    memoryMb: memorySize,
    timeoutMs: timeout * 1000,
    environment: { ...version.environment, ...environmentOf(functionName), ...runtime },
    logGroup,
    logStream,
  };
}

/** What runs code that is not for Node.js. */
function programOf({ runtime }: FunctionVersion, folder: string, code: CodeStore) {
  if (runtime === undefined) return undefined;
  return runtime.kind === 'python'
    ? { command: runtime.interpreter, args: ['-u', code.pythonRuntime] }
    : { command: join(folder, 'bootstrap'), args: [] };
}

function keyOf({
  functionName,
  version,
  codeSha256,
  exportName,
  memorySize,
  timeout,
  environment,
  entry,
}: FunctionVersion): string {
  const config = JSON.stringify([exportName, memorySize, timeout, environment, entry]);
  return [functionName, version, codeSha256, createHash('sha256').update(config).digest('hex')].join(':');
}

function reportLine(requestId: string, { memorySize }: FunctionVersion, durationMs: number): string {
  return `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${Math.ceil(durationMs)} ms\tMemory Size: ${memorySize} MB\t`;
}

/** An invocation together with what only the API knows of its caller. */
export interface InvokeCall extends Invocation {
  readonly nested?: boolean;
}
