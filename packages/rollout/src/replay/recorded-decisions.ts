import { ledgerUri, type RunLocation } from '@statebag/contracts/object-keys';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { Approval } from '@statebag/runs';
import { sha256Of } from '@statebag/state-core';
import type { ObjectStore } from '@statebag/state-core/store/object-store';

/** What a person, or a deadline, decided in the run that is replayed. */
export interface RecordedDecision {
  readonly branch_path: string;
  readonly node_id: string;
  readonly loop_counter: number;
  readonly answer: Answer;
}

/** They lie in the replay's own ledger: its functions see no table. */
function decisionsUri(replay: RunLocation) {
  return ledgerUri(replay, sha256Of('decisions'), 'record');
}

export function decisionsIn(approvals: readonly Approval[]): RecordedDecision[] {
  return approvals.flatMap(({ branch_path, loop_counter, request: { node_id }, decision }) =>
    decision === undefined ? [] : [{ branch_path, node_id, loop_counter, answer: decision.answer }],
  );
}

export async function keepDecisions(
  store: ObjectStore,
  replay: RunLocation,
  decisions: readonly RecordedDecision[],
): Promise<void> {
  await store.put(decisionsUri(replay), { body: Buffer.from(JSON.stringify(decisions)), encoding: 'json' });
}

/**
 * The decision on the same question: of the same turn, or the only one that this node asked in this branch.
 */
export async function recordedDecision(
  store: ObjectStore,
  replay: RunLocation,
  { branch_path, node_id, loop_counter }: Omit<RecordedDecision, 'answer'>,
): Promise<RecordedDecision | undefined> {
  const { body } = await store.get(decisionsUri(replay));
  const all: RecordedDecision[] = JSON.parse(Buffer.from(body).toString('utf8')); // keepDecisions wrote it
  const here = all.filter((each) => each.branch_path === branch_path && each.node_id === node_id);
  return here.length === 1 ? here[0] : here.find((each) => each.loop_counter === loop_counter);
}
