import { apiErrors } from '../engine/api-errors.ts';
import { isExecutionArn, parseMachineArn } from '../engine/arns.ts';
import type { Engine } from '../engine/engine.ts';
import type { ExecutionRecord } from '../program/execution.ts';
import type { Machine } from '../store/machine-store.ts';

/** The input of an action, read field by field; a field of the wrong type is a ValidationException. */
export class Request {
  readonly #input: Readonly<Record<string, unknown>>;

  constructor(input: Readonly<Record<string, unknown>>) {
    this.#input = input;
  }

  has(field: string): boolean {
    return this.#input[field] !== undefined && this.#input[field] !== null;
  }

  raw(field: string): unknown {
    return this.#input[field];
  }

  text(field: string): string | undefined {
    const value = this.#input[field] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw apiErrors.validation(`Expected a string in '${field}'`);
  }

  requiredText(field: string): string {
    const value = this.text(field);
    if (value !== undefined) return value;
    throw apiErrors.validation(
      `1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`,
    );
  }

  boolean(field: string): boolean | undefined {
    const value = this.#input[field] ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value;
    throw apiErrors.validation(`Expected a boolean in '${field}'`);
  }

  integer(field: string, { least, most }: { least: number; most: number }): number | undefined {
    const value = this.#input[field] ?? undefined;
    if (
      value === undefined ||
      (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
    )
      return value;
    throw apiErrors.validation(
      `1 validation error detected: Value '${String(value)}' at '${field}' failed to satisfy constraint: Member must be between ${least} and ${most}`,
    );
  }

  list(field: string): readonly unknown[] {
    const value = this.#input[field] ?? [];
    if (Array.isArray(value)) return value;
    throw apiErrors.validation(`Expected a list in '${field}'`);
  }
}

/** A time on the wire: epoch seconds with a fraction. */
export const wireTime = (at: number): number => at / 1000;

const MOST = 1000;
const DEFAULT = 100;

/** Where an item stands in the order of its list; it keeps its place whatever happens to the others. */
export type Position = readonly (string | number)[];

/** A page of a list: it begins behind a position. */
export interface Page {
  /** Undefined: at the beginning. */
  readonly after: Position | undefined;
  readonly limit: number;
}

/**
 * Reads `maxResults` and `nextToken`, which has as many parts of these types as the positions of the list.
 */
export function readPage(request: Request, types: readonly ('string' | 'number')[]): Page {
  return {
    after: positionOf(request.text('nextToken'), types),
    limit: request.integer('maxResults', { least: 0, most: MOST }) || DEFAULT,
  };
}

function positionOf(token: string | undefined, types: readonly string[]): Position | undefined {
  if (token === undefined) return undefined;
  const position = parsed(Buffer.from(token, 'base64url').toString());
  const fits = Array.isArray(position) && position.length === types.length;
  if (!fits || position.some((part, index) => typeof part !== types[index]))
    throw apiErrors.paginationToken();
  return position; // its parts have just been looked at
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw apiErrors.paginationToken();
  }
}

/**
 * The items of a page, and the field that leads to the next one, if there is one. `items` were read with a
 * limit one higher than the page's.
 */
export function cutPage<T>(
  items: readonly T[],
  { limit }: Page,
  positionOf: (item: T) => Position,
): { items: readonly T[]; next: { nextToken?: string } } {
  const last = items[limit - 1];
  if (items.length <= limit || last === undefined) return { items, next: {} };
  const nextToken = Buffer.from(JSON.stringify(positionOf(last))).toString('base64url');
  return { items: items.slice(0, limit), next: { nextToken } };
}

/** A page of a list that is in memory as a whole, in the rising order of its names. */
export function pageOf<T>(
  all: readonly T[],
  request: Request,
  nameOf: (item: T) => string,
): { items: readonly T[]; next: { nextToken?: string } } {
  const page = readPage(request, ['string']);
  const [after] = page.after ?? [];
  const rest = after === undefined ? all : all.filter((item) => nameOf(item) > String(after));
  return cutPage(rest.slice(0, page.limit + 1), page, (item) => [nameOf(item)]);
}

/** The machine of an ARN without a qualifier. */
export function machineOf(engine: Engine, arn: string): Machine {
  const parsed = parseMachineArn(arn);
  if (!parsed) throw apiErrors.invalidArn(arn);
  const machine = engine.machines.byArn(parsed.arn);
  if (!machine || parsed.qualifier !== undefined) throw apiErrors.noMachine(arn);
  return machine;
}

/** Express executions are known to their logs only: most actions do not take their ARNs. */
export function refuseExpress(arn: string): void {
  if (/^arn:[^:]+:states:[^:]+:\d+:express:/.test(arn)) throw apiErrors.invalidArn(arn);
}

/** The execution of an ARN. */
export function executionOf(engine: Engine, arn: string): ExecutionRecord {
  if (!isExecutionArn(arn)) throw apiErrors.invalidArn(arn);
  const execution = engine.findByArn(arn);
  if (!execution) throw apiErrors.noExecution(arn);
  return execution;
}

/** Machines and activities are named by one rule. */
export function checkMachineName(name: string): void {
  if (!/^[a-zA-Z0-9-_]{1,80}$/.test(name)) throw apiErrors.invalidName(name);
}
