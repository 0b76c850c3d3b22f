import type { Timestamp } from '@statebag/contracts';
import type { OwnerId } from '@statebag/contracts/ids';
import { expiresAfter, legacyKeyItem } from './item-keys.ts';
import type { Change, RunsTable } from './runs-table.ts';

/** An execution of the first generation that has ended, and the key it was started under. */
export interface KeyHolder {
  readonly owner_id: OwnerId;
  readonly key: string;
  readonly execution_arn: string;
  readonly ended_at: Timestamp;
}

/**
 * What a key says of a run that has ended: its result for whoever starts it again, or that it may be started
 * again.
 */
export type KeyOutcome =
  | { readonly status: 'COMPLETE'; readonly result: string }
  | { readonly status: 'FAILED'; readonly error: string };

/** The keys that first-generation machines take for their runs, and give back themselves where they can. */
export interface LegacyKeys {
  /**
   * Ends an execution's hold on its key, and lets the item expire. What the machine itself has written
   * stands, and a key that another
   * execution has taken since is left alone; so the same end again changes nothing.
   */
  endKey(holder: KeyHolder, outcome: () => Promise<KeyOutcome>): Promise<void>;
}

const HELD = 'execution_arn = :arn';
const RUNNING = 'RUNNING';

export function legacyKeys(table: RunsTable): LegacyKeys {
  return {
    async endKey(holder, outcome) {
      const { execution_arn, ended_at } = holder;
      const key = legacyKeyItem(holder);
      const expires = {
        update: 'SET expires_at = :expires',
        condition: HELD,
        values: { ':expires': expiresAfter(ended_at), ':arn': execution_arn },
      };
      const held = await table.change(key, expires);
      if (held?.['status'] === RUNNING) await table.change(key, ending(holder, await outcome()));
    },
  };
}

function ending({ execution_arn, ended_at }: KeyHolder, outcome: KeyOutcome): Change {
  const [name, said] =
    outcome.status === 'COMPLETE'
      ? (['result', outcome.result] as const)
      : (['error', outcome.error] as const);
  return {
    update: 'SET #status = :ended, ended_at = :at, #said = :said',
    condition: `${HELD} AND #status = :running`,
    names: { '#status': 'status', '#said': name },
    values: {
      ':ended': outcome.status,
      ':at': ended_at,
      ':said': said,
      ':arn': execution_arn,
      ':running': RUNNING,
    },
  };
}
