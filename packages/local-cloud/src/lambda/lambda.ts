import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { BusEntry, Clock, Functions, InvocationResult, Journal } from '@statebag/states';
import type { AccessKey } from '../gateway/private-dir.ts';
import type { Keyring, RestService } from '../gateway/request.ts';
import type { Rights } from '../iam/evaluate.ts';
import type { Principal } from '../iam/policy.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { Quotas } from '../quotas/quotas.ts';
import { type BundleFile, type KeptCode, openCodeStore } from './code-store.ts';
import { announce, type DestinationDeps } from './destinations.ts';
import { type EventQueue, openEventQueue } from './event-queue.ts';
import {
  type FunctionSettings,
  type FunctionVersion,
  PAYLOAD_LIMITS,
  parseFunctionName,
  type VersionConfig,
} from './function-config.ts';
import { type FunctionRegistry, openFunctionRegistry } from './function-registry.ts';
import { createInvoker, type InvokeCall, type Invoker, requestTooLarge } from './invoker.ts';
import { type Concurrency, openConcurrency } from './reserved-concurrency.ts';
import { serveLambda } from './routes.ts';
import { createSandboxPool } from './sandbox-pool.ts';

export interface FunctionDefinition {
  readonly name: string;
  /** A CommonJS bundle, or where it is; with `config.entry`, a package; or code that is kept already. */
  readonly bundle: Uint8Array | BundleFile | KeptCode;
  readonly config: Omit<VersionConfig, 'codeSha256' | 'codeSize'>;
  readonly settings: FunctionSettings;
}

export interface LambdaDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logs: LogStore;
  readonly keyring: Keyring;
  readonly rights: Rights;
  /** A text that the journal has, by its name. */
  textOf(name: string): string;
  /** The owner's key. */
  readonly credentials: AccessKey;
  readonly dataDir: string;
  readonly durable: boolean;
  readonly account: string;
  readonly region: string;
  readonly random: () => number;
  /** Threads for all functions together. */
  readonly maxSandboxes: number;
  /** Says how many may be at work at the same time. */
  readonly limits: Pick<Quotas, 'functions' | 'concurrency'>;
  /** Known once the gateway listens. */
  endpoint(): string;
  /** Puts an entry on a bus within the open group. */
  publish(entry: BusEntry): void;
}

export interface Lambda extends Functions {
  readonly serve: RestService;
  readonly registry: FunctionRegistry;
  readonly concurrency: Concurrency;
  readonly queue: EventQueue;
  /**
   * Makes `$LATEST` of a function what the definition says, and publishes a version if that changed anything.
   */
  deploy(
    definition: FunctionDefinition,
  ): Promise<{ readonly version: FunctionVersion; readonly changed: boolean }>;
  /** Makes `$LATEST` of a function what the definition says, and publishes nothing. */
  define(definition: FunctionDefinition): void;
  /** Keeps a bundle for functions that are defined with it later. */
  keep(bundle: BundleFile): KeptCode;
  /** @throws where no such bundle is kept */
  kept(sha256: string): KeptCode;
  remove(functionName: string): void;
  /** Ends the threads of a function that have no work, as the service does whenever it likes. */
  retire(functionName: string): void;
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
  const concurrency = openConcurrency(registry, deps.limits.concurrency);
  const invoker = deps.limits.functions(
    createInvoker({
      ...{ ...deps, registry, code, pool, arnOf },
      environmentOf: (name) => roleEnvironment(name, deps),
    }),
    concurrency.reservations,
  );
  const destinations: DestinationDeps = {
    ...{ registry, arnOf, publish: deps.publish, logs: deps.logs, now: clock.now },
    enqueue: (event) => void queue.enqueue(event),
    mayTell: (name, asked) =>
      deps.rights.may(principalOf(name, registry.settings(name), deps.account), asked),
  };
  const queue = openEventQueue({
    journal,
    clock,
    invoke: invoker,
    textOf: deps.textOf,
    settingsOf: registry.settings,
    conclude: (conclusion) => announce(conclusion, destinations),
  });
  const addKey = (name: string): void =>
    keyring.add({
      accessKeyId: roleKey(name),
      secretAccessKey: roleSecret(name, deps.credentials),
      functionName: name,
      principal: principalOf(name, registry.settings(name), deps.account),
    });
  for (const name of registry.names()) addKey(name);
  const define = ({ name, bundle, config, settings }: FunctionDefinition): void => {
    const kept = 'codeSha256' in bundle ? bundle : code.put(bundle);
    registry.define(name, { ...config, ...kept }, settings);
    addKey(name);
  };
  return {
    registry,
    concurrency,
    queue,
    arnOf,
    serve: serveLambda({
      registry,
      invoke: (call) => invokeAs(call, { invoker, queue, registry, journal }),
      ...{ arnOf, journal, concurrency },
      retire: pool.retire,
    }),
    invoke: (invocation) => invokeAs(invocation, { invoker, queue, registry, journal }),
    define: (definition) => {
      define(definition);
      pool.retire(definition.name);
    },
    ...{ keep: code.put, kept: code.find },
    remove: (functionName) => {
      registry.remove(functionName);
      pool.retire(functionName);
    },
    retire: pool.retire,
    deploy: async (definition) => {
      const { name } = definition;
      const known = registry.names().includes(name) ? registry.versions(name).length : 0;
      define(definition);
      const version = registry.publish(name);
      const changed = registry.versions(name).length !== known;
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

async function invokeAs(
  { functionName: text, qualifier: given, invocationType, payload, nested = false }: InvokeCall,
  {
    invoker,
    queue,
    registry,
    journal,
  }: { invoker: Invoker; queue: EventQueue; registry: FunctionRegistry; journal: Journal },
): Promise<InvocationResult> {
  const { functionName, qualifier } = parseFunctionName(text, given);
  if (invocationType === 'RequestResponse') return invoker({ functionName, qualifier, payload, nested });
  const { version } = registry.resolve(functionName, qualifier, () => 1);
  if (Buffer.byteLength(payload) > PAYLOAD_LIMITS.event) throw requestTooLarge(PAYLOAD_LIMITS.event);
  const requestId = queue.enqueue({ functionName, qualifier, payload });
  await journal.flush();
  return { statusCode: 202, requestId, executedVersion: version, payload: '' };
}

/** A function that no template has made has no role: it is the owner's own. */
function principalOf(name: string, { role }: FunctionSettings, account: string): Principal {
  return role === undefined
    ? { kind: 'owner', account }
    : { kind: 'role', account, arn: role, session: name };
}

/** Each function signs with a key of its own, which tells its role. */
function roleKey(functionName: string): string {
  return `local.${functionName}`;
}

/** Derived from the owner's, so that it is the same at the next start, and no function learns another's. */
function roleSecret(functionName: string, { secretAccessKey }: AccessKey): string {
  return createHmac('sha256', secretAccessKey).update(functionName).digest('base64url');
}

function roleEnvironment(
  functionName: string,
  { endpoint, region, credentials }: LambdaDeps,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint(),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: roleKey(functionName),
    AWS_SECRET_ACCESS_KEY: roleSecret(functionName, credentials),
    // The profile of whoever started the cloud is no part of a function's world.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}
