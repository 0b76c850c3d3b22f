import type { StateBag } from '@statebag/contracts';
import type { RunRecord } from '@statebag/runs';
import { openSession, type StoreSession } from '@statebag/state-core';
import type { Api } from '../open-api.ts';
import { sealedEnvelopes } from './sealed-envelopes.ts';

/** The bag a run had last; undefined where it has none yet. */
export async function lastBag({ sfn }: Pick<Api, 'sfn'>, { execution_arns }: RunRecord): Promise<StateBag | undefined> {
  for (const arn of execution_arns.toReversed()) {
    for await (const { state_data } of sealedEnvelopes(sfn, arn)) return state_data;
  }
  return undefined;
}

/** Reads what the run points to, and nothing of any other. */
export function sessionFor({ process, bucket }: Pick<Api, 'process' | 'bucket'>, { owner_id, execution_id, definition_id }: RunRecord): StoreSession {
  return openSession(process, { bucket, owner_id, execution_id, definition_id });
}
