import type { Json } from '@statebag/contracts';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { AsyncLlmEvent } from '@statebag/contracts/schemas/events';
import type { AsyncModelCall } from '@statebag/contracts/schemas/model-call';
import { validateAsyncLlmEvent } from '@statebag/contracts/validators';
import { byteSizeOf, fieldPointer, planWrite } from '@statebag/state-core';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { storeAll } from '@statebag/state-core/store/store-all';
import { plainStep, type Step, type StepTools } from '@statebag/step-kit';
import type { Outside } from '@statebag/steps';
import { askModel, type CallResult, createLedger, ownersFiles, questionOf } from '@statebag/workflow';
import type { Machines } from './machines.ts';

interface Asking {
  readonly outside: Pick<Outside, 'providers' | 'onCall' | 'instead'>;
  readonly tokens: () => Pick<Machines, 'answer' | 'refuse'>;
}

/** A model that is asked apart from the segment, and recorded in the ledger like any other call. */
export function askModelApart({ outside, tokens }: Asking, streams: ObjectStreams): Step<null> {
  return plainStep<AsyncLlmEvent, null>({
    event: validateAsyncLlmEvent,
    facts: pauseFacts,
    async run(event, invocation) {
      const tools = invocation.open(event);
      try {
        const result = await askedOnce(event, tools, { outside, streams });
        await tokens().answer(event.task_token, JSON.stringify(await answerOf(event, result, tools)));
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        await tokens().refuse(event.task_token, { error: name, cause: message });
      }
      return null;
    },
  });
}

/** Ids of an event about a pause, for the log line. */
export function pauseFacts({ execution_id, segment_id, branch_path, loop_counter }: Place) {
  return { execution_id, action: null, segment_id, branch_path, loop_counter };
}

type Place = Pick<AsyncLlmEvent, 'execution_id' | 'segment_id' | 'branch_path' | 'loop_counter'>;

interface Reach extends Pick<Asking, 'outside'> {
  readonly streams: ObjectStreams;
}

async function askedOnce(
  { request, branch_path, now }: AsyncLlmEvent,
  { session, plan: { location } }: StepTools,
  { outside: { providers, onCall, instead }, streams }: Reach,
): Promise<CallResult> {
  const value: unknown = isFieldPointer(request.call)
    ? await session.hydrator.pointed(request.call)
    : request.call;
  const call = value as AsyncModelCall; // the node that handed it over made it
  const ledger = createLedger(session.store, {
    location,
    branch_path,
    now,
    read: (pointer) => session.hydrator.pointed(pointer),
    ...(onCall && { onCall }),
    ...(instead && { instead }),
  });
  const { node_version, loop, item } = call;
  const openFile = ownersFiles(streams, location);
  return ledger.call(
    { node_id: request.node_id, node_version, loop, item },
    {
      input: questionOf(call),
      unsafe: false,
      perform: (key) => askModel(call, { providers, key, timeLeft: (millis) => millis, openFile }),
    },
  );
}

/** The answer to the pause; a large value goes ahead into the store. */
async function answerOf(
  { execution_id, branch_path, segment_id, loop_counter, request: { field, reducer } }: AsyncLlmEvent,
  { result, usage }: CallResult,
  { session, plan }: StepTools,
): Promise<Answer> {
  const head = {
    result_id: { execution_id, branch_path, segment_id, loop_counter: loop_counter - 1 },
    field,
    ...(reducer !== undefined && { reducer }),
    status: 'CONTINUE',
    usage,
  } as const;
  const value: Json = result['answer'] ?? null;
  if (byteSizeOf(value) <= plan.thresholds.field) return { ...head, value };
  const write = planWrite(value, 'blobs', plan);
  await storeAll([write], session);
  return { ...head, pointer: fieldPointer(write, plan.now) };
}
