import { createHash } from 'node:crypto';
import { byteSize, isObject, type Json, setMember } from './json.ts';
import { childrenOf, type Path, parsePath, through } from './json-path.ts';
import { type OffloadStore, sharedStore } from './object-store.ts';
import { OffloadError } from './offload-error.ts';
import { plan } from './plan.ts';
import {
  type Confinement,
  isPointer,
  type OffloadPointer,
  placeOf,
  pointerTo,
  unescaped,
} from './pointer.ts';

/** Bytes that a state's input or output may take in Step Functions, and in an SQS message or an event. */
export const PAYLOAD_LIMIT = 262_144;
/** What `lambda:invoke` puts around a reply: version, status, headers. */
export const INVOKE_ENVELOPE = 2_048;

export interface OffloadOptions extends Confinement {
  /** Bytes that the data may take at the transition. Without it: 200 KB of the service's 256. */
  readonly budget?: number;
  /** Bytes that are there already: the state the reply is put into by ResultPath, an envelope around it. */
  readonly reserve?: number;
  /** Paths that must stay inline, as `status` or `items[*].id`. */
  readonly keep?: readonly string[];
  readonly store?: OffloadStore;
}

export interface HydrateOptions extends Confinement {
  /** Paths whose values are wanted, as `a.b` or `items[*].text`. Without it: all of them. */
  readonly reads?: readonly string[];
  readonly store?: OffloadStore;
}

const DEFAULT_BUDGET = 204_800;

/**
 * The value with everything replaced by pointers that keeps it over its budget. What leaves is one object
 * in S3.
 * @throws `Offload.BudgetExceeded`, `Offload.NotJson`, `Offload.Unavailable`, `Offload.AccessDenied`
 */
export async function offloadValue(value: unknown, options: OffloadOptions): Promise<Json> {
  const { bucket, prefix, budget = DEFAULT_BUDGET, reserve = 0, keep = [] } = checked(options);
  const sample = pointerTo(`s3://${bucket}/${prefix}${'0'.repeat(64)}.json`, [1e9, 1e9], '0'.repeat(64));
  const { leaving, fill } = plan(asJson(value), {
    budget: budget - reserve,
    pointerBytes: byteSize(sample),
    keep: keep.map(parsePath),
    isOwn: (each) => isPointer(each) && leadsHere(each, options),
  });
  if (leaving.length === 0) return fill([]);
  const texts = leaving.map((each) => Buffer.from(JSON.stringify(each)));
  const body = Buffer.from(`[${texts.map((text) => text.toString()).join(',')}]`);
  const Key = `${prefix}${sha256(body)}.json`;
  await (options.store ?? sharedStore()).put({ Bucket: bucket, Key }, body);
  let offset = 1;
  return fill(
    texts.map((text) => {
      const pointer = pointerTo(`s3://${bucket}/${Key}`, [offset, text.length], sha256(text));
      offset += text.length + 1;
      return pointer;
    }),
  );
}

/**
 * The value with its pointers replaced by what they stand for, each checked by its hash: those that
 * `reads` names, or all.
 * @throws `Offload.Foreign`, `Offload.ObjectMissing`, `Offload.ObjectCorrupt`, `Offload.AccessDenied`,
 * `Offload.Unavailable`
 */
export async function hydrate(value: unknown, options: HydrateOptions): Promise<Json> {
  const reads = options.reads?.map(parsePath);
  const json = asJson(value);
  const known = new Map<string, Json>();
  for (;;) {
    const missing = new Map<string, OffloadPointer>();
    const resolved = resolve(json, reads, (pointer) => {
      const stored = known.get(keyOf(pointer));
      if (stored === undefined) missing.set(keyOf(pointer), pointer);
      return stored;
    });
    if (missing.size === 0) return resolved;
    for (const [key, stored] of await readAll([...missing.values()], { ...options, ...checked(options) })) {
      known.set(key, stored);
    }
  }
}

const keyOf = ({ '@offloaded': address, at }: OffloadPointer) => `${address}#${at.join('+')}`;

/** What a pointer stands for; undefined leaves the pointer where it is. */
type Lookup = (pointer: OffloadPointer) => Json | undefined;

/**
 * A copy in which wanted pointers are replaced, also those inside of what was stored, and escapes are
 * undone.
 */
function resolve(value: Json, reads: readonly Path[] | undefined, lookUp: Lookup): Json {
  if (isPointer(value)) {
    const stored = lookUp(value);
    return stored === undefined ? value : resolve(stored, reads, lookUp);
  }
  const data = isObject(value) ? (unescaped(value) ?? value) : value;
  const part = (key: string | number, child: Json): Json => {
    const onward = reads && through(reads, key);
    if (onward === undefined || onward.some((path) => path.length === 0))
      return resolve(child, undefined, lookUp);
    return resolve(child, onward, onward.length === 0 ? NOTHING : lookUp);
  };
  if (Array.isArray(data)) return data.map((each: Json, index) => part(index, each));
  if (!isObject(data)) return data;
  const copy: Record<string, Json> = {};
  for (const [key, child] of childrenOf(data)) setMember(copy, key as string, part(key, child));
  return copy;
}

const NOTHING: Lookup = () => undefined;

interface Piece {
  readonly pointer: OffloadPointer;
  readonly offset: number;
  readonly end: number;
}

/** Bytes between two wanted values that are cheaper to read than another request. */
const GAP = 65_536;

/** One request for values that lie near each other in one object. */
async function readAll(
  pointers: readonly OffloadPointer[],
  options: HydrateOptions,
): Promise<Map<string, Json>> {
  const store = options.store ?? sharedStore();
  const objects = Map.groupBy(pointers, (pointer) => pointer['@offloaded']);
  const values = new Map<string, Json>();
  const work = [...objects.values()].flatMap((inOne) => runsOf(inOne));
  await Promise.all(
    work.map(async (run) => {
      const [first] = run;
      const begin = first.offset;
      const end = Math.max(...run.map((piece) => piece.end));
      const bytes = await store.read(placeOf(first.pointer, options), begin, end - begin);
      for (const { pointer, offset } of run) {
        values.set(
          keyOf(pointer),
          verified(pointer, bytes.subarray(offset - begin, offset - begin + pointer.at[1])),
        );
      }
    }),
  );
  return values;
}

function runsOf(pointers: readonly OffloadPointer[]): [Piece, ...Piece[]][] {
  const pieces = pointers
    .map((pointer) => ({ pointer, offset: pointer.at[0], end: pointer.at[0] + pointer.at[1] }))
    .sort((left, right) => left.offset - right.offset);
  const runs: [Piece, ...Piece[]][] = [];
  for (const piece of pieces) {
    const last = runs.at(-1);
    if (last !== undefined && piece.offset <= Math.max(...last.map(({ end }) => end)) + GAP) last.push(piece);
    else runs.push([piece]);
  }
  return runs;
}

function verified(pointer: OffloadPointer, bytes: Uint8Array): Json {
  if (sha256(bytes) === pointer.sha256) return JSON.parse(Buffer.from(bytes).toString('utf8'));
  throw new OffloadError(
    'Offload.ObjectCorrupt',
    `${keyOf(pointer)}: its bytes have another hash than its pointer says`,
  );
}

function leadsHere(pointer: OffloadPointer, { bucket, prefix }: Confinement): boolean {
  return pointer['@offloaded'].startsWith(`s3://${bucket}/${prefix}`);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function checked<Options extends Confinement>(options: Options): Options {
  const { bucket, prefix } = options;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new OffloadError('Offload.Misconfigured', `${JSON.stringify(bucket)} is no name of a bucket`);
  }
  if (!/^([A-Za-z0-9][A-Za-z0-9._:=-]*\/)+$/.test(prefix)) {
    const told = `the prefix ${JSON.stringify(prefix)} must be names with a slash behind each, as offload/run-1/`;
    throw new OffloadError('Offload.Misconfigured', told);
  }
  return options;
}

/** What `JSON.stringify` would make of it: a value without JSON text has no place in a reply. */
function asJson(value: unknown): Json {
  const text = JSON.stringify(value ?? null);
  if (text === undefined) throw new OffloadError('Offload.NotJson', `a ${typeof value} has no JSON text`);
  return JSON.parse(text) as Json; // the text is JSON
}
