import { accept, isJsonObject, type Json } from '@statebag/contracts';
import { causeText } from '@statebag/contracts/cause-text';
import { EVENTS_PER_SEGMENT } from '@statebag/contracts/limits';
import { escapeReserved } from '@statebag/contracts/pointers';
import type { MergeAsyncEvent, MergeCallbackEvent } from '@statebag/contracts/schemas/actions';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { DeltaOperation, ResultId } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import type { NextAction } from '@statebag/contracts/statuses';
import { validateAnswer } from '@statebag/contracts/validators';
import { answeredResult } from '@statebag/state-core/core/answered-result';
import type { NormalisedResult } from '@statebag/state-core/core/normalised-result';
import { NO_USAGE } from '@statebag/state-core/core/usage';

/** What tells a person's answer from a machine's. */
interface Kind {
  readonly waitingFor: NextAction;
  /** The field of an answer that names none. */
  readonly field: string;
}

type AnswerEvent = MergeCallbackEvent | MergeAsyncEvent;

/** An answer as the core merges it: its value into its field, its status into the route. */
export function normaliseAnswer(
  { action, state_data, result_id }: AnswerEvent,
  answered: unknown,
  kind: Kind,
): NormalisedResult {
  // it came as JSON
  const answer = answerOf(answered as Json, () => ({
    result_id: result_id ?? answeredResult(state_data, [kind.waitingFor]),
    field: kind.field,
  }));
  return {
    action,
    result_id: answer.result_id,
    status: answer.status,
    delta: [operationOf(answer)],
    history: [],
    next_segment_to_run:
      answer.next_segment_to_run === undefined ? state_data.segment_to_run : answer.next_segment_to_run,
    usage: answer.usage ?? NO_USAGE,
    failures: failuresOf(answer, state_data),
    control: {},
    lists: {},
    events: EVENTS_PER_SEGMENT,
    writes: [],
  };
}

/**
 * What carries a `result_id` must be an `Answer`, so that a misspelt status is not taken for data; anything
 * else is the value itself, a scalar as `raw_result`.
 */
function answerOf(answered: Json, place: () => { result_id: ResultId; field: string }): Answer {
  if (isJsonObject(answered) && Object.hasOwn(answered, 'result_id'))
    return accept<Answer>(validateAnswer, answered, 'answer');
  const value = isJsonObject(answered) || Array.isArray(answered) ? answered : { raw_result: answered };
  return { ...place(), status: 'CONTINUE', value: value as Json };
}

function operationOf(answer: Answer): DeltaOperation {
  const { field, reducer } = answer;
  if (reducer !== undefined)
    return {
      op: 'reduce',
      field,
      reducer,
      ...('pointer' in answer ? { pointer: answer.pointer } : { value: answer.value }),
    };
  return 'pointer' in answer
    ? { op: 'set', field, pointer: answer.pointer }
    : { op: 'set', field, value: escapeReserved(answer.value) };
}

function failuresOf(
  { status, error_info, result_id }: Answer,
  { branch_path }: StateBag,
): readonly FailedSegment[] {
  if (status !== 'FAILED') return [];
  const { segment_id } = result_id;
  const { error, message, node_id } = error_info ?? {
    error: 'Node.Failed',
    message: `the answer to segment ${segment_id} says FAILED and gives no reason`,
    node_id: null,
  };
  return [{ segment_id, branch_path, status, error, message: causeText(message), node_id }];
}
