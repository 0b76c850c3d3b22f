import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { OWNERS_OF_STARTS, startsKey } from '../item-keys.ts';
import { everyItem, type Item, type RunsTable } from '../runs-table.ts';

/** What is counted of an owner whose runs wait to begin. */
export interface WaitingOwner {
  readonly owner_id: OwnerId;
  /** Runs that wait: never fewer than this, and more only until somebody counts again. */
  readonly waiting: number;
  /** When the owner last had its turn, or began to wait (epoch milliseconds): the smallest is next. */
  readonly turn: number;
  /** When a run joined the others last (epoch milliseconds). */
  readonly joined_at: number;
  /** When a run began last without waiting (epoch milliseconds). */
  readonly taken_at: number;
  /** Runs that have a place, where the owner has a limit. */
  readonly open: readonly ExecutionId[];
}

/** One more run that waits. */
export type Joined = { readonly joined: true; readonly waiting: number } | { readonly joined: false };

/** Counts what waits and what is open, by owner: one item each, changed by one request each time. */
export interface StartBook {
  /**
   * Counts one more run of an owner that waits, if no more than `most` do. Whoever joins writes the run
   * after it, within the time that a function has.
   */
  join(owner_id: OwnerId, { now, most }: { now: number; most: number }): Promise<Joined>;
  /** Counts so many fewer, without a turn of the owner. */
  leave(owner_id: OwnerId, count: number): Promise<void>;
  /** Takes a place for a run that does not wait: never before the owner's runs that do. */
  takeAhead(owner_id: OwnerId, execution_id: ExecutionId, { now, limit }: Taking): Promise<boolean>;
  /** Takes a place for a run whose turn it is. The same run twice is once. */
  take(owner_id: OwnerId, execution_id: ExecutionId, { limit }: Pick<Taking, 'limit'>): Promise<boolean>;
  /** Gives a place back. The same one twice is once. Says how many runs wait for it. */
  give(owner_id: OwnerId, execution_id: ExecutionId): Promise<number>;
  /** The owner had its turn at this time, and so many of its runs wait no longer. */
  served(owner_id: OwnerId, { count, turn }: { count: number; turn: number }): Promise<void>;
  /** Corrects the count to what was found, unless a run joined since. */
  correct(owner: Pick<WaitingOwner, 'owner_id' | 'joined_at' | 'waiting'>, found: number): Promise<void>;
  /** Every owner of whom a run waits. */
  waitingOwners(): Promise<readonly WaitingOwner[]>;
}

interface Taking {
  readonly now: number;
  readonly limit: number;
}

/** No run is open for longer than a year. */
const KEPT_SECONDS = 400 * 86_400;

const expires = (now: number) => Math.floor(now / 1_000) + KEPT_SECONDS;
const ROOM = 'attribute_not_exists(#open) OR size(#open) < :limit';

export function startBook(table: RunsTable): StartBook {
  return { ...waiting(table), ...places(table), waitingOwners: () => waitingOwners(table) };
}

function waiting(table: RunsTable): Pick<StartBook, 'join' | 'leave' | 'served' | 'correct'> {
  const emptied = async (owner_id: OwnerId, item: Item | undefined) => {
    if (item === undefined || Number(item['waiting']) > 0) return;
    await table.change(startsKey(owner_id), {
      update: 'SET waiting = :none REMOVE turn', // whoever waits again begins to wait then
      condition: 'waiting <= :none',
      values: { ':none': 0 },
    });
  };
  return {
    async join(owner_id, { now, most }) {
      const item = await table.change(startsKey(owner_id), {
        update:
          'SET joined_at = :now, turn = if_not_exists(turn, :now), expires_at = :expires ADD waiting :one',
        condition: 'attribute_not_exists(waiting) OR waiting < :most',
        values: { ':now': now, ':expires': expires(now), ':one': 1, ':most': most },
      });
      return item ? { joined: true, waiting: Number(item['waiting']) } : { joined: false };
    },
    async leave(owner_id, count) {
      const item = await table.change(startsKey(owner_id), {
        update: 'ADD waiting :fewer',
        values: { ':fewer': -count },
      });
      await emptied(owner_id, item);
    },
    async served(owner_id, { count, turn }) {
      const item = await table.change(startsKey(owner_id), {
        update: 'SET turn = :turn ADD waiting :fewer',
        values: { ':turn': turn, ':fewer': -count },
      });
      await emptied(owner_id, item);
    },
    async correct({ owner_id, joined_at, waiting: seen }, found) {
      const item = await table.change(startsKey(owner_id), {
        update: 'SET waiting = :found',
        condition: 'joined_at = :joined AND waiting = :seen',
        values: { ':found': found, ':joined': joined_at, ':seen': seen },
      });
      await emptied(owner_id, item);
    },
  };
}

function places(table: RunsTable): Pick<StartBook, 'takeAhead' | 'take' | 'give'> {
  const names = { '#open': 'open' };
  return {
    async takeAhead(owner_id, execution_id, { now, limit }) {
      const taken = await table.change(startsKey(owner_id), {
        update: 'SET taken_at = :now, expires_at = :expires ADD #open :run',
        condition: `(attribute_not_exists(waiting) OR waiting <= :none) AND (${ROOM})`,
        names,
        values: {
          ':now': now,
          ':expires': expires(now),
          ':run': new Set([execution_id]),
          ':none': 0,
          ':limit': limit,
        },
      });
      return taken !== undefined;
    },
    async take(owner_id, execution_id, { limit }) {
      const taken = await table.change(startsKey(owner_id), {
        update: 'ADD #open :run',
        condition: `${ROOM} OR contains(#open, :id)`,
        names,
        values: { ':run': new Set([execution_id]), ':id': execution_id, ':limit': limit },
      });
      return taken !== undefined;
    },
    async give(owner_id, execution_id) {
      const item = await table.change(startsKey(owner_id), {
        update: 'DELETE #open :run',
        names,
        values: { ':run': new Set([execution_id]) },
      });
      return Number(item?.['waiting'] ?? 0);
    },
  };
}

async function waitingOwners(table: RunsTable): Promise<WaitingOwner[]> {
  const shards = await Promise.all(OWNERS_OF_STARTS.map((pk) => readShard(table, pk)));
  return shards.flat().map(ownerOf);
}

function readShard(table: RunsTable, pk: string): Promise<Item[]> {
  return everyItem(table, {
    KeyConditionExpression: 'pk = :pk',
    FilterExpression: 'waiting > :none',
    ConsistentRead: true,
    values: { ':pk': pk, ':none': 0 },
  });
}

function ownerOf({ sk, waiting: count, turn, joined_at = 0, taken_at = 0, open }: Item): WaitingOwner {
  // only this file writes these items
  return {
    owner_id: sk as OwnerId,
    waiting: Number(count),
    turn: Number(turn ?? joined_at),
    joined_at: Number(joined_at),
    taken_at: Number(taken_at),
    open: open instanceof Set ? [...(open as Set<ExecutionId>)] : [],
  };
}
