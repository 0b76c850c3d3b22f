/**
 * The thread of `threadedExpressions`: evaluates what comes through its port, one piece of work after the
 * other.
 */
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { type MessagePort, workerData } from 'node:worker_threads';
import jsonata from 'jsonata';
import { ANSWERS, type Evaluated, type ExpressionWork, STARTED } from './expressions.ts';

/** The depth and the length at which the service was measured to give up. */
const LIMITS = { timeout: 5_000, stack: 100, sequence: 873_782 };
/** How the service says that one of these was reached, by the library's code for it. */
const STOPPED: Readonly<Record<string, string>> = {
  D1011:
    'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.',
  D1012: 'Expression evaluation timeout: Check for infinite loop',
  D2014: 'Expression evaluation memory limit exceeded: Check for excessive memory usage',
  D2015: 'Expression evaluation memory limit exceeded: Check for excessive memory usage',
};
const MOST_PARSED = 1_000;
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const parsed = new Map<string, jsonata.Expression>();

function parse(source: string): jsonata.Expression {
  const known = parsed.get(source);
  if (known) return known;
  const expression = jsonata(source, LIMITS);
  for (const [name, [signature, implementation]] of Object.entries(ADDED))
    expression.registerFunction(name, implementation, signature);
  expression.assign('eval', undefined);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(source, expression);
  return expression;
}

type Added = readonly [
  signature: string,
  implementation: Parameters<jsonata.Expression['registerFunction']>[1],
];

/** What Step Functions adds to JSONata. */
const ADDED: Readonly<Record<string, Added>> = {
  partition: ['<a-n:a>', (list: readonly unknown[], size: number) => partition(list, size)],
  range: ['<n-nn:a>', (first: number, last: number, step: number) => range(first, last, step)],
  hash: ['<s-s:s>', (text: string, algorithm: string) => hash(text, algorithm)],
  random: ['<n?:n>', (seed?: number) => random(seed)],
  uuid: ['<:s>', () => randomUUID()],
  parse: ['<s-:x>', (text: string) => parseText(text)],
};

const failure = (message: string): Error => Object.assign(new Error(message), { code: 'Function' });

function partition(list: readonly unknown[] | undefined, size: number): unknown {
  if (list === undefined) return undefined;
  const chunk = Math.floor(size);
  if (!(chunk >= 1)) throw failure('The chunk size of $partition must be a positive number');
  return Array.from({ length: Math.ceil(list.length / chunk) }, (_, index) =>
    list.slice(index * chunk, (index + 1) * chunk),
  );
}

/** A sequence, as the service makes one: a single number stands for itself, and no number is nothing. */
function range(first: number, last: number, step: number): unknown {
  if (step === 0) throw failure('The step of $range must not be zero');
  const length = Math.floor((last - first) / step) + 1;
  if (length > LIMITS.sequence) throw failure(`$range would return ${length} numbers`);
  if (length < 1) return undefined;
  return length === 1 ? first : Array.from({ length }, (_, index) => first + index * step);
}

function hash(text: string | undefined, algorithm: string): unknown {
  if (text === undefined) return undefined;
  const name = HASHES[algorithm];
  if (name === undefined) throw failure(`$hash knows ${Object.keys(HASHES).join(', ')}, not ${algorithm}`);
  return createHash(name).update(text).digest('hex');
}

function random(seed: number | undefined): number {
  if (seed === undefined) return randomInt(2 ** 47) / 2 ** 47;
  return createHash('sha256').update(String(seed)).digest().readUIntBE(0, 6) / 2 ** 48;
}

function parseText(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw Object.assign(failure('$parse was given a text that is not JSON'), { cause });
  }
}

async function evaluate(source: string, variables: Record<string, unknown>): Promise<Evaluated> {
  try {
    const value: unknown = await parse(source).evaluate(undefined, variables);
    // A result that is no finite number becomes null, as in the service; to count with one is an error.
    return { text: isFunction(value) ? undefined : JSON.stringify(value) };
  } catch (error) {
    return { failure: describe(error) };
  }
}

/** A function is no JSON; the library keeps its own ones in objects. */
function isFunction(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'function';
  return '_jsonata_lambda' in value || '_jsonata_function' in value;
}

/** The library throws objects with a code, which are no errors. */
function describe(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { code, message }: { code?: unknown; message?: unknown } = error;
  if (typeof code !== 'string' || code === 'Function') return String(message);
  return STOPPED[code] ?? `${code}: ${String(message)}`;
}

async function answer(work: ExpressionWork): Promise<readonly Evaluated[]> {
  const variables = JSON.parse(work.variables) as Record<string, unknown>; // parse boundary: written by this engine
  const results: Evaluated[] = [];
  for (const source of work.sources) results.push(await evaluate(source, variables));
  return results;
}

// parse boundary: written by threadedExpressions
const { port, shared } = workerData as { port: MessagePort; shared: Int32Array };
port.on('message', (text: string) => {
  void answer(JSON.parse(text) as ExpressionWork).then((results) => {
    port.postMessage(JSON.stringify(results));
    Atomics.add(shared, ANSWERS, 1);
    Atomics.notify(shared, ANSWERS);
  });
});
Atomics.store(shared, STARTED, 1);
Atomics.notify(shared, STARTED);
