import { join } from 'node:path';
import type { Keyring } from '../gateway/keyring.ts';
import type { RestService } from '../gateway/request.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { BusEntry, Clock, Functions, Invocation, InvocationResult, Journal } from '../ports.ts';
import { openCodeStore } from './code-store.ts';
import { announce } from './destinations.ts';
import { type EventQueue, openEventQueue } from './event-queue.ts';
import { type FunctionSettings, type FunctionVersion, PAYLOAD_LIMITS, type VersionConfig } from './function-config.ts';
import { parseFunctionName } from './function-name.ts';
import { type FunctionRegistry, openFunctionRegistry } from './function-registry.ts';
import { createInvoker, type Invoker, requestTooLarge } from './invoker.ts';
import { serveLambda } from './routes.ts';
import { createSandboxPool } from './sandbox-pool.ts';

export interface FunctionDefinition {
  readonly name: string;
  /** A CommonJS bundle. */
  readonly bundle: Uint8Array;
  readonly config: Omit<VersionConfig, 'codeSha256' | 'codeSize'>;
  readonly settings: FunctionSettings;
}

export interface LambdaDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logs: LogStore;
  readonly keyring: Keyring;
  readonly dataDir: string;
  readonly durable: boolean;
  readonly account: string;
  readonly region: string;
  readonly random: () => number;
  /** Threads for all functions together. */
  readonly maxSandboxes: number;
  /** Known once the gateway listens. */
  endpoint(): string;
  /** Puts an entry on a bus within the open group. */
  publish(entry: BusEntry): void;
}

export interface Lambda extends Functions {
  readonly serve: RestService;
  readonly registry: FunctionRegistry;
  readonly queue: EventQueue;
  /** Makes `$LATEST` of a function what the definition says, and publishes a version if that changed anything. */
  deploy(definition: FunctionDefinition): Promise<{ readonly version: FunctionVersion; readonly changed: boolean }>;
  arnOf(functionName: string, qualifier?: string): string;
  close(): Promise<void>;
}

/** Lambda over worker threads. */
export function openLambda(deps: LambdaDeps): Lambda {
  const { journal, clock, keyring } = deps;
  const registry = openFunctionRegistry(journal, clock.now);
  const code = openCodeStore(join(deps.dataDir, 'lambda'), deps);
  const pool = createSandboxPool(deps.maxSandboxes);
  const arnOf = (functionName: string, qualifier?: string): string =>
    `arn:aws:lambda:${deps.region}:${deps.account}:function:${functionName}${qualifier === undefined || qualifier === '$LATEST' ? '' : `:${qualifier}`}`;
  const invoker = createInvoker({ ...deps, registry, code, pool, arnOf, environmentOf: (name) => roleEnvironment(name, deps) });
  const queue = openEventQueue({
    journal,
    clock,
    invoke: invoker,
    settingsOf: registry.settings,
    conclude: (conclusion) => announce(conclusion, { registry, arnOf, publish: deps.publish, enqueue: (event) => void queue.enqueue(event), now: clock.now }),
  });
  const addKey = (name: string): void =>
    keyring.add({ accessKeyId: roleKey(name), secretAccessKey: 'local', functionName: name, mayListBuckets: registry.settings(name).mayListBuckets });
  for (const name of registry.names()) addKey(name);
  return {
    registry,
    queue,
    arnOf,
    serve: serveLambda({ registry, invoke: (call) => invokeAs(call, { invoker, queue, registry, journal }), arnOf, journal, retire: pool.retire }),
    invoke: (invocation) => invokeAs(invocation, { invoker, queue, registry, journal }),
    deploy: async ({ name, bundle, config, settings }) => {
      const known = registry.names().includes(name) ? registry.versions(name).length : 0;
      registry.define(name, { ...config, ...code.put(bundle) }, settings);
      const version = registry.publish(name);
      const changed = registry.versions(name).length !== known;
      addKey(name);
      if (changed) pool.retire(name);
      await journal.flush();
      return { version, changed };
    },
    close: async () => {
      queue.stop();
      await pool.close();
    },
  };
}

/** An invocation together with what only the API knows of its caller. */
export interface InvokeCall extends Invocation {
  readonly nested?: boolean;
}

async function invokeAs(
  { functionName: text, qualifier: given, invocationType, payload, nested = false }: InvokeCall,
  { invoker, queue, registry, journal }: { invoker: Invoker; queue: EventQueue; registry: FunctionRegistry; journal: Journal },
): Promise<InvocationResult & { readonly log?: readonly string[] }> {
  const { functionName, qualifier } = parseFunctionName(text, given);
  if (invocationType === 'RequestResponse') return invoker({ functionName, qualifier, payload, nested });
  const { version } = registry.resolve(functionName, qualifier, () => 1);
  if (Buffer.byteLength(payload) > PAYLOAD_LIMITS.event) throw requestTooLarge(PAYLOAD_LIMITS.event);
  const requestId = queue.enqueue({ functionName, qualifier, payload });
  await journal.flush();
  return { statusCode: 202, requestId, executedVersion: version, payload: '' };
}

/** Each function signs with a key of its own, so S3 can tell what its role may do. */
function roleKey(functionName: string): string {
  return `local.${functionName}`;
}

function roleEnvironment(functionName: string, { endpoint, region }: LambdaDeps): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint(),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: roleKey(functionName),
    AWS_SECRET_ACCESS_KEY: 'local',
    // The profile of whoever started the cloud is no part of a function's world.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}
