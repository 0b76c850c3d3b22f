import { type Answer, type AsyncLlmEvent, BUDGET, type Json } from '@statebag/contracts';
import { byteSizeOf, fieldPointer, type PlanContext, type PlannedWrite, planWrite } from '@statebag/state-core';
import type { CallResult } from '@statebag/workflow';

export interface AnswerPlan {
  readonly answer: Answer;
  /** What must lie in the store before the answer is sent. */
  readonly writes: readonly PlannedWrite[];
}

/** The answer to a pause, at most 65,536 bytes: a large value goes ahead into the store. */
export function planAnswer(
  { execution_id, branch_path, segment_id, loop_counter, request }: AsyncLlmEvent,
  { result, usage }: CallResult,
  context: PlanContext,
): AnswerPlan {
  // The bag counted the pause itself as a result: the answer is to the one before.
  const result_id = { execution_id, branch_path, segment_id, loop_counter: loop_counter - 1 };
  const { field, reducer } = request;
  const head = { result_id, field, ...(reducer !== undefined && { reducer }), status: 'CONTINUE', usage } as const;
  const value: Json = result['answer'] ?? null;
  const inline: Answer = { ...head, value };
  if (byteSizeOf(value) <= context.thresholds.field && byteSizeOf(inline) <= BUDGET.result) return { answer: inline, writes: [] };
  const write = planWrite(value, 'blobs', context);
  return { answer: { ...head, pointer: fieldPointer(write, context.now) }, writes: [write] };
}
