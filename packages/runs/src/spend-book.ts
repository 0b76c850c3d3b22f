import type { SpendAccount, SpendBook, Spent } from '@statebag/workflow';
import { expiresAfter, spentKey } from './item-keys.ts';
import type { Item, RunsTable } from './runs-table.ts';

/**
 * What runs spend, counted in the table: one item for a run, one for each of its nodes with a limit, and one
 * for each budget and day of an owner.
 */
export function spendBook(table: RunsTable, now: () => number = Date.now): SpendBook {
  const changed = ({ nano_usd, tokens }: Spent) => ({
    update: 'SET expires_at = :expires ADD nano_usd :money, tokens :tokens',
    values: {
      ':money': nano_usd,
      ':tokens': tokens,
      ':expires': expiresAfter(new Date(now()).toISOString()),
    },
  });
  return {
    async reserve(place, amount, most) {
      const key = spentKey(place);
      const room = { nano_usd: most.nano_usd - amount.nano_usd, tokens: most.tokens - amount.tokens };
      if (Math.min(room.nano_usd, room.tokens) < 0) return amountIn(await table.get(key));
      const { update, values } = changed(amount);
      const attempted = await table.attempt(key, {
        update,
        condition: 'attribute_not_exists(pk) OR (nano_usd <= :mostMoney AND tokens <= :mostTokens)',
        values: { ...values, ':mostMoney': room.nano_usd, ':mostTokens': room.tokens },
      });
      return attempted.changed ? 'reserved' : amountIn(attempted.item);
    },
    async correct(place, difference) {
      await table.change(spentKey(place), changed(difference));
    },
  };
}

function amountIn(item: Item | undefined): Spent {
  return { nano_usd: Number(item?.['nano_usd'] ?? 0), tokens: Number(item?.['tokens'] ?? 0) };
}

/** What stands in an account: spent, and set aside for calls under way. */
export function spentIn(table: RunsTable): (place: SpendAccount) => Promise<Spent> {
  return async (place) => amountIn(await table.get(spentKey(place)));
}
