import { randomInt, randomUUID } from 'node:crypto';
import type { CallPlaces } from '@statebag/workflow';
import { callPlaceKey } from './item-keys.ts';
import { leaseAt } from './leases.ts';
import type { RunsTable } from './runs-table.ts';

/** Places that are tried in one go: where most are taken, whoever asks comes again. */
const TRIED = 4;

/**
 * Places as leases of the table, one item each: none is hot, and one whose holder died is free again by
 * itself.
 */
export function callPlaces(table: RunsTable, now: () => number = Date.now): CallPlaces {
  return {
    async take(provider, { most, ttl_ms }) {
      const [holder, first] = [randomUUID(), randomInt(most)];
      for (let tried = 0; tried < Math.min(TRIED, most); tried += 1) {
        const lease = leaseAt(table, callPlaceKey(provider, (first + tried) % most));
        if (await lease.attempt({ holder, now: now(), ttl_ms }))
          return { release: () => lease.release({ holder }) };
      }
      return undefined;
    },
  };
}
