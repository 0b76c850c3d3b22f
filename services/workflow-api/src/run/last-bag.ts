import type { JsonObject } from '@statebag/contracts';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import type { RunRecord } from '@statebag/runs';
import { sealedEnvelopes } from '@statebag/runs/history';
import { openLegacyBag } from '@statebag/state-core/legacy';
import { openSession, type StoreSession } from '@statebag/state-core/store/store-session';
import type { Api } from '../open-api.ts';
import { begunExecutions } from './owned-run.ts';

/** The bag a run had last; undefined where it has none yet. */
export async function lastBag({ sfn }: Pick<Api, 'sfn'>, run: RunRecord): Promise<StateBag | undefined> {
  for (const arn of begunExecutions(run).toReversed()) {
    for await (const { state_data } of sealedEnvelopes(sfn, arn))
      return run.generation === 'v3' ? state_data : asRead(state_data);
  }
  return undefined;
}

/** A bag of the first generation, laid open: what is read of a run lies in it where v3 has it. */
function asRead(bag: StateBag): StateBag {
  return openLegacyBag(bag as unknown as JsonObject) as unknown as StateBag;
}

/** Reads what the run points to, and nothing of any other. */
export function sessionFor(
  { process, bucket }: Pick<Api, 'process' | 'bucket'>,
  { owner_id, execution_id, definition_id }: RunRecord,
): StoreSession {
  return openSession(process, { bucket, owner_id, execution_id, definition_id });
}
