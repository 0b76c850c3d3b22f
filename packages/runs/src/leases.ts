import type { ExecutionId } from '@statebag/contracts/ids';
import { leaseKey } from './item-keys.ts';
import type { ItemKey, RunsTable } from './runs-table.ts';

/** Who asks for a lease, at which time, and for how long (milliseconds). */
export interface LeaseClaim {
  readonly holder: string;
  readonly now: number;
  readonly ttl_ms: number;
}

export type LeaseOutcome =
  | { readonly held: true }
  | { readonly held: false; readonly holder: string; readonly expires_at: number };

/** The right to do one piece of a run's work alone, for a time. */
export interface Leases {
  /** Free, run out or the holder's own: held. Else who holds it, and until when (epoch milliseconds). */
  acquireLease(execution_id: ExecutionId, key: string, claim: LeaseClaim): Promise<LeaseOutcome>;
  /** False: it is lost, and whoever held it must stop. */
  renewLease(execution_id: ExecutionId, key: string, claim: LeaseClaim): Promise<boolean>;
  /** Gives it back, if it is still the holder's. */
  releaseLease(execution_id: ExecutionId, key: string, claim: Pick<LeaseClaim, 'holder'>): Promise<void>;
}

/** How long the table keeps a lease that nobody renews. */
const KEPT_SECONDS = 86_400;
const FREE = 'attribute_not_exists(pk) OR lease_until <= :now OR holder = :holder';
const TAKE = 'SET holder = :holder, lease_until = :until, expires_at = :expires';

/** One lease. */
export interface Lease {
  /** Free, run out or the holder's own: held. Else who holds it, and until when (epoch milliseconds). */
  acquire(claim: LeaseClaim): Promise<LeaseOutcome>;
  /** The same in one request, without who holds it. */
  attempt(claim: LeaseClaim): Promise<boolean>;
  /** False: it is lost, and whoever held it must stop. */
  renew(claim: LeaseClaim): Promise<boolean>;
  /** Gives it back, if it is still the holder's. */
  release(claim: Pick<LeaseClaim, 'holder'>): Promise<void>;
  /** Whether anybody holds it. */
  isHeld(now: number): Promise<boolean>;
}

/** The lease that lies under this key. */
export function leaseAt(table: RunsTable, key: ItemKey): Lease {
  const take = async ({ holder, now, ttl_ms }: LeaseClaim, condition: string) => {
    const until = now + ttl_ms;
    const values = {
      ':holder': holder,
      ':until': until,
      ':expires': Math.floor(until / 1_000) + KEPT_SECONDS,
      ...(condition === FREE && { ':now': now }),
    };
    return (await table.change(key, { update: TAKE, condition, values })) !== undefined;
  };
  const acquire: Lease['acquire'] = async (claim) => {
    if (await take(claim, FREE)) return { held: true };
    const lease = await table.get(key);
    // given back in between
    if (!lease || Number(lease['lease_until']) <= claim.now) return acquire(claim);
    return { held: false, holder: String(lease['holder']), expires_at: Number(lease['lease_until']) };
  };
  return {
    acquire,
    attempt: (claim) => take(claim, FREE),
    renew: (claim) => take(claim, 'holder = :holder'),
    async release({ holder }) {
      const given = {
        update: 'SET lease_until = :none REMOVE holder',
        condition: 'holder = :holder',
        values: { ':none': 0, ':holder': holder },
      };
      await table.change(key, given);
    },
    isHeld: async (now) => Number((await table.get(key))?.['lease_until'] ?? 0) > now,
  };
}

export function leases(table: RunsTable): Leases {
  const at = (execution_id: ExecutionId, name: string) => leaseAt(table, leaseKey(execution_id, name));
  return {
    acquireLease: (execution_id, name, claim) => at(execution_id, name).acquire(claim),
    renewLease: (execution_id, name, claim) => at(execution_id, name).renew(claim),
    releaseLease: (execution_id, name, claim) => at(execution_id, name).release(claim),
  };
}
