import { SendTaskFailureCommand, SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { accept } from '@statebag/contracts';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import { validateStoreTaskTokenEvent } from '@statebag/contracts/validators';
import { recordedDecision } from '@statebag/rollout/replay';
import type { ObjectStore } from '@statebag/state-core/store/object-store';

export interface AnswerDeps {
  readonly sfn: SFNClient;
  readonly store: ObjectStore;
  readonly bucket: string;
}

/**
 * Answers a replay that asks a person as the run was answered. A question that the run never asked is a miss.
 */
export async function answerReplay({ sfn, store, bucket }: AnswerDeps, event: unknown): Promise<void> {
  const {
    execution_id,
    owner_id,
    branch_path,
    loop_counter,
    segment_id,
    request,
    task_token: taskToken,
  } = accept<StoreTaskTokenEvent>(validateStoreTaskTokenEvent, event, 'event');
  const { node_id } = request;
  const decision = await recordedDecision(
    store,
    { bucket, owner_id, execution_id },
    { branch_path, node_id, loop_counter },
  );
  if (!decision) {
    const cause = `the replay asks a person at node ${node_id}, which the run did not`;
    await sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Ledger.ShadowMiss', cause }));
    return;
  }
  const answer: Answer = {
    ...decision.answer,
    result_id: { execution_id, branch_path, segment_id, loop_counter: loop_counter - 1 },
  };
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer) }));
}
