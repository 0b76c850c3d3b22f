import {
  isStatebagError,
  type Json,
  type JsonObject,
  StatebagError,
  type Timestamp,
} from '@statebag/contracts';
import type { ErrorCode } from '@statebag/contracts/errors';
import { ERRORS } from '@statebag/contracts/errors';
import { ledgerUri, type RunLocation } from '@statebag/contracts/object-keys';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import type { Outside } from '@statebag/steps';

/** An attempt of a call that failed, as the ledger keeps it. */
interface FailedAttempt {
  readonly error: ErrorCode;
  readonly message: string;
  readonly end: string;
}

/**
 * What stands in the place of calls without a record: they fail as they failed then. Each attempt of this
 * invocation left its end; a machine that had tried before began with an earlier one.
 * @throws `Ledger.ShadowMiss` where the ledger has no attempt either
 */
export function failedAttempts(
  store: Pick<ObjectStore, 'get'>,
  run: { readonly location: RunLocation; readonly now: Timestamp; readonly retried: number },
): NonNullable<Outside['instead']> {
  const made = new Map<string, number>();
  return async ({ key, place: { node_id, loop, item } }) => {
    const attempts = await attemptsOf(store, key, run);
    const nth = made.get(key) ?? Math.min(run.retried, attempts.length - 1);
    made.set(key, nth + 1);
    const failed = attempts[Math.min(nth, attempts.length - 1)];
    const where = [loop && `turn ${loop}`, item && `item ${item}`].filter((each) => each !== '').join(', ');
    if (!failed)
      throw new StatebagError(
        'Ledger.ShadowMiss',
        `node ${node_id}${where && ` (${where})`} asks what the ledger has no answer for, key ${key}`,
      );
    throw new StatebagError(failed.error, failed.message, { details: { end: failed.end } });
  };
}

async function attemptsOf(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  { location, now }: { readonly location: RunLocation; readonly now: Timestamp },
): Promise<readonly FailedAttempt[]> {
  const found: FailedAttempt[] = [];
  for (let attempt = 0; ; attempt += 1) {
    const end = await readEnd(store, ledgerUri(location, key, { of: 'end', attempt }));
    if (end === null) return found;
    const { error = '', message = '', end: how = 'unknown', recorded_at } = end;
    if (recorded_at === now && isCode(error))
      found.push({ error, message: String(message), end: String(how) });
  }
}

async function readEnd(
  store: Pick<ObjectStore, 'get'>,
  uri: Parameters<ObjectStore['get']>[0],
): Promise<JsonObject | null> {
  try {
    const { body } = await store.get(uri);
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (error) {
    // one more attempt than there were
    if (isStatebagError(error) && error.name === 'Store.ObjectMissing') return null;
    throw error;
  }
}

function isCode(name: Json): name is ErrorCode {
  return typeof name === 'string' && name in ERRORS;
}
