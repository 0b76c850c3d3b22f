import type { Starts } from './starts.ts';

/** A version that an alias leads to, and its share in percent. */
export interface Route {
  readonly version: string;
  readonly weight: number;
}

/** Says where an alias leads. */
export type ReadRoutes = (aliasArn: string) => Promise<readonly Route[]>;

export function readRoutes({
  describeStateMachineAlias,
}: Pick<Starts, 'describeStateMachineAlias'>): ReadRoutes {
  return async (aliasArn) => {
    const { routingConfiguration = [] } = await describeStateMachineAlias({ stateMachineAliasArn: aliasArn });
    return routingConfiguration.map(({ stateMachineVersionArn = aliasArn, weight = 0 }) => ({
      version: stateMachineVersionArn,
      weight,
    }));
  };
}

/** A new version takes effect within this time, where the service is not asked too often. */
export const REMEMBERED_MS = 1_000;
/** However often it is asked: within this time. */
export const LONGEST_REMEMBERED_MS = 60_000;

interface Remembered {
  readonly at: number;
  readonly forMs: number;
  readonly routes: readonly Route[];
}

/**
 * Asks anew where an alias leads when what is known is older than `REMEMBERED_MS`. Step Functions answers this
 * question once a second in an account: where it is asked too often, what is known holds twice as long.
 */
export function rememberedRoutes(read: ReadRoutes, now: () => number): ReadRoutes {
  const known = new Map<string, Remembered>();
  return async (aliasArn) => {
    const last = known.get(aliasArn);
    if (last && now() - last.at < last.forMs) return last.routes;
    const next = await readOrKeep(() => read(aliasArn), last);
    known.set(aliasArn, { ...next, at: now() });
    return next.routes;
  };
}

async function readOrKeep(
  read: () => Promise<readonly Route[]>,
  last: Remembered | undefined,
): Promise<Omit<Remembered, 'at'>> {
  try {
    return { routes: await read(), forMs: Math.max(REMEMBERED_MS, (last?.forMs ?? 0) / 2) };
  } catch (error) {
    if (last === undefined || !isThrottling(error)) throw error;
    return { routes: last.routes, forMs: Math.min(LONGEST_REMEMBERED_MS, last.forMs * 2) };
  }
}

function isThrottling(error: unknown): boolean {
  return error instanceof Error && error.name === 'ThrottlingException';
}
