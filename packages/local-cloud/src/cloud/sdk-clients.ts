import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A client of AWS's SDK for JavaScript: it knows the protocol of its service and the model of its API. */
export interface SdkClient {
  /** Undefined: the service has no such action. */
  command(action: string): CommandClass | undefined;
  open(settings: ClientSettings): OpenClient;
  /** How the SDK reads the shapes of this client. */
  readonly shapes: { of(schema: unknown): Shape };
}

export type CommandClass = new (input: object) => Command;

/** A call that is ready to be sent. Its schema ends with the shapes of input and output. */
export interface Command {
  readonly schema: readonly [...unknown[], input: unknown, output: unknown];
}

export interface OpenClient {
  send(command: Command): Promise<object>;
  destroy(): void;
}

export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

/** What a member of an API is. */
export interface Shape {
  isStructSchema(): boolean;
  isListSchema(): boolean;
  isMapSchema(): boolean;
  isBlobSchema(): boolean;
  isTimestampSchema(): boolean;
  isStringSchema(): boolean;
  isNumericSchema(): boolean;
  isBooleanSchema(): boolean;
  /** As the client has it: of a structure, the number of its first members that are required stands last. */
  getSchema(): unknown;
  getValueSchema(): Shape;
  structIterator(): Iterable<[name: string, shape: Shape]>;
}

/** Finds clients where a module in `folder` would find them. */
export type FindClient = (service: string) => SdkClient | undefined;

/**
 * Finds the clients that are installed for the process's folder or for the local cloud itself. `aws-sdk:`
 * integrations write the names of services in one word: `cognitoidentityprovider`.
 */
export function installedClients(folders: readonly string[]): FindClient {
  const found = new Map<string, SdkClient | undefined>();
  return (service) => {
    if (!found.has(service)) found.set(service, folders.map((folder) => find(folder, service)).find(Boolean));
    return found.get(service);
  };
}

function find(folder: string, service: string): SdkClient | undefined {
  const require = createRequire(join(folder, 'package.json'));
  for (const modules of require.resolve.paths('@aws-sdk/client') ?? []) {
    const name = namesIn(join(modules, '@aws-sdk')).find(
      (each) => each.startsWith('client-') && each.slice('client-'.length).replaceAll('-', '') === service,
    );
    if (name !== undefined) return load(require, `@aws-sdk/${name}`);
  }
  return undefined;
}

/** Most of the folders on the way up have no such packages. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return [];
    throw error;
  }
}

function load(require: NodeJS.Require, name: string): SdkClient {
  const members: Readonly<Record<string, unknown>> = require(name);
  const near = createRequire(join(dirname(require.resolve(name)), 'index.js'));
  const { NormalizedSchema: shapes }: { NormalizedSchema: SdkClient['shapes'] } = near('@smithy/core/schema');
  // What a client package exports: one class that ends with Client, and one for each action.
  const client = Object.entries(members).find(([each]) => /^\w+Client$/.test(each) && each !== '__Client');
  if (!client) throw new Error(`${name} has no client`);
  const Client = client[1] as new (settings: ClientSettings) => OpenClient;
  return {
    command(action) {
      const named = `${action.charAt(0).toUpperCase()}${action.slice(1)}Command`;
      return Object.hasOwn(members, named) ? (members[named] as CommandClass) : undefined;
    },
    open: (settings) => new Client(settings),
    shapes,
  };
}
