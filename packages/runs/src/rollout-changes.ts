import type { Timestamp } from '@statebag/contracts';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { changeKey, ROLLOUT_CHANGES } from './item-keys.ts';
import type { RunsTable } from './runs-table.ts';

/** A change of the rollout: who, when, from what to what, and why where a rule decided. */
export interface RolloutChange {
  readonly revision: number;
  readonly by: string;
  readonly at: Timestamp;
  readonly what: string;
  readonly why?: string | undefined;
  readonly from: RolloutSettings;
  readonly to: RolloutSettings;
  /** PLANNED is not in force: it is being written, or was refused. */
  readonly state: 'PLANNED' | 'IN_FORCE';
}

export interface RolloutChanges {
  /**
   * Takes a revision for a change that is about to be made. False where another change took it a short while
   * ago, or made it.
   */
  planChange(change: Omit<RolloutChange, 'state'>): Promise<boolean>;
  markInForce(change: Pick<RolloutChange, 'revision'>): Promise<void>;
  /** Gives the revision back: the change was not made. */
  dropChange(change: Pick<RolloutChange, 'revision' | 'at'>): Promise<void>;
  /** Newest first. */
  listChanges(limit: number): Promise<readonly RolloutChange[]>;
}

/** Far longer than writing a parameter takes: whoever planned a change before this has broken off. */
const ABANDONED_MS = 60_000;

export function rolloutChanges(table: RunsTable): RolloutChanges {
  return {
    planChange(change) {
      const abandoned = new Date(Date.parse(change.at) - ABANDONED_MS).toISOString();
      return table.put(
        { ...changeKey(change.revision), ...change, state: 'PLANNED' },
        {
          condition: 'attribute_not_exists(pk) OR (#state = :planned AND #at < :abandoned)',
          names: { '#state': 'state', '#at': 'at' },
          values: { ':planned': 'PLANNED', ':abandoned': abandoned },
        },
      );
    },
    async markInForce({ revision }) {
      await table.change(changeKey(revision), {
        update: 'SET #state = :now',
        condition: 'attribute_exists(pk)',
        names: { '#state': 'state' },
        values: { ':now': 'IN_FORCE' },
      });
    },
    async dropChange({ revision, at }) {
      await table.change(changeKey(revision), {
        update: 'SET #at = :epoch',
        condition: '#state = :planned AND #at = :at',
        names: { '#state': 'state', '#at': 'at' },
        values: { ':epoch': EPOCH, ':planned': 'PLANNED', ':at': at },
      });
    },
    async listChanges(limit) {
      const { items } = await table.query({
        KeyConditionExpression: 'pk = :changes',
        ScanIndexForward: false,
        Limit: limit + 1,
        values: { ':changes': ROLLOUT_CHANGES },
      });
      // only this file writes these items
      const changes = items.map(({ pk: _pk, sk: _sk, ...change }) => change as unknown as RolloutChange);
      return changes.filter(({ state }) => state === 'IN_FORCE').slice(0, limit);
    },
  };
}

const EPOCH = '1970-01-01T00:00:00.000Z';
