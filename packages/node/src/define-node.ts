import type { ConfigOf, Json, Schema } from './schema.ts';

/** What `run` is given. */
export interface Turn<Config = unknown, Field extends string = string> {
  /** The config of the node in the workflow, its expressions evaluated, checked against the schema. */
  readonly config: Config;
  /** The fields that it reads, and no others. A field that nothing has written is undefined. */
  readonly state: { readonly [Name in Field]?: Json };
  /** When the segment was entered, in milliseconds since 1970: the same for every attempt. */
  readonly now: number;
}

/** What `run` is given besides where it has an effect outside. */
export interface OutsideTurn {
  /** The same for every attempt at this call: send it along as `Idempotency-Key`. */
  readonly key: string;
  /** Aborts when the time of the call is over. */
  readonly signal: AbortSignal;
  /** The value of a secret. It is taken out of results and messages again. */
  secret(name: string): Promise<string>;
}

/** How a call that failed with a failure that may pass is made again. */
export interface Retry {
  /** In all, the first one included: 2 to 20. */
  readonly attempts: number;
  /** Seconds before the second attempt; 1 if not given. */
  readonly intervalS?: number;
  /** Each further wait is so many times longer; 2 if not given. */
  readonly backoff?: number;
}

/** Names of fields, or how they come of the config as it stands in the workflow. */
export type Fields<Config, Field extends string> = readonly Field[] | ((config: Config) => readonly Field[]);

/** A node type as its module writes it. */
export interface Declaration<Of extends Schema, Field extends string, Effect extends 'once' | 'idempotent'> {
  /** `<namespace>.<name>`: the point keeps it apart from the types of Statebag. */
  readonly type: string;
  /** What it is for, in one sentence. */
  readonly doc?: string;
  /** Another version is another node: its recorded calls are made again. `1` if not given. */
  readonly version?: string;
  /** What `config` holds; without it there is none. TypeBox, JSON Schema, or any Standard Schema. */
  readonly config?: Of;
  readonly reads?: Fields<ConfigOf<Of>, Field>;
  /** Fields that `run` gives as members of its result. Without it the result goes into `output_key`. */
  readonly writes?: Fields<ConfigOf<Of>, string>;
  /**
   * What it does outside. Without it: nothing, so it is run again wherever that is needed. `once` is recorded
   * and never repeated unless it is known that nothing was done; `idempotent` is recorded and may be
   * repeated.
   */
  readonly effect?: Effect;
  /** For planning only: 50 if not given, 1,000 with an effect. */
  readonly expectedMs?: number;
  /** Longest time of a call with an effect; 60,000 if not given. */
  readonly timeoutMs?: number;
  readonly retry?: Retry;
  readonly run: (
    turn: Turn<ConfigOf<Of>, Field> & ([Effect] extends [never] ? unknown : OutsideTurn),
  ) => unknown;
}

/** A node type that was declared. What declared it knows its types; whoever runs it checks them. */
export interface Node {
  readonly type: string;
  readonly doc: string;
  readonly version: string;
  readonly config: Schema | null;
  readonly reads: (config: unknown) => readonly string[];
  /** Null where the result goes into `output_key`. */
  readonly writes: ((config: unknown) => readonly string[]) | null;
  readonly effect: 'once' | 'idempotent' | null;
  readonly expectedMs: number;
  readonly timeoutMs: number;
  readonly retry: Retry | null;
  readonly run: (turn: Turn & OutsideTurn) => unknown;
}

/** Two copies of this package know each other's nodes. */
const DECLARED = Symbol.for('statebag.node');
const NAME = /^[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+$/;
const LONGEST_NAME = 64;

/** Declares a node type. @throws TypeError for one that no workflow could use */
export function defineNode<
  const Of extends Schema = { readonly type: 'object'; readonly properties: object },
  const Field extends string = never,
  const Effect extends 'once' | 'idempotent' = never,
>(declaration: Declaration<Of, Field, Effect>): Node {
  const { type, doc = '', version = '1', config, reads, writes, effect, retry, run } = declaration;
  if (!NAME.test(type) || type.length > LONGEST_NAME)
    throw new TypeError(
      `${JSON.stringify(type)} cannot be the type of a node: write <namespace>.<name> in small letters, as in "shop.invoice", at most ${LONGEST_NAME} characters`,
    );
  const outside = effect !== undefined;
  const node: Node = {
    type,
    doc,
    version,
    config: config ?? null,
    reads: named(reads) ?? (() => []),
    writes: named(writes),
    effect: effect ?? null,
    expectedMs: declaration.expectedMs ?? (outside ? 1_000 : 50),
    timeoutMs: declaration.timeoutMs ?? 60_000,
    retry: retry ?? null,
    // the config was checked against the schema before
    run: run as Node['run'],
  };
  return Object.freeze(Object.assign(node, { [DECLARED]: true }));
}

/** Whether a value is a node type that was declared. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && Reflect.get(value, DECLARED) === true;
}

function named<Config>(fields: Fields<Config, string> | undefined): Node['reads'] | null {
  if (fields === undefined) return null;
  // the config is that of a node of this type
  return typeof fields === 'function' ? (config) => fields(config as Config) : () => fields;
}
