import { accept, isStatebagError, type Json, StatebagError } from '@statebag/contracts';
import { BUDGET } from '@statebag/contracts/limits';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { AsyncLlmEvent } from '@statebag/contracts/schemas/events';
import type { AsyncModelCall } from '@statebag/contracts/schemas/model-call';
import { validateAsyncLlmEvent, validateAsyncModelCall } from '@statebag/contracts/validators';
import type { LifecycleEvents } from '@statebag/runs';
import {
  byteSizeOf,
  fieldPointer,
  type PlanContext,
  type PlannedWrite,
  planWrite,
} from '@statebag/state-core';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { storeAll } from '@statebag/state-core/store/store-all';
import { failureEvent, plainStep, type Step, type StepTools } from '@statebag/step-kit';
import { type CallResult, createLedger, ownersFiles, questionOf } from '@statebag/workflow';
import type { Delivery } from '../task-tokens.ts';
import { type Asked, askAlone, type WorkerTools } from './ask-alone.ts';

/** Longer than this no call may take: what is left of the function's time is for recording and answering. */
const DEADLINE_MS = 840_000;

export interface AsyncLlmTools extends WorkerTools {
  readonly events: LifecycleEvents;
  readonly newHolder: () => string;
  /** How files of the owner are read. */
  readonly streams: (counts: StoreCounts) => ObjectStreams;
}

/** What became of a call. */
type Draft =
  | { readonly kind: 'answered'; readonly result: CallResult }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string }
  /** Nobody waits, or another worker answers. */
  | { readonly kind: 'stopped' };

/** What the function says of itself; the answer went to the task. */
export interface AsyncLlmReply {
  readonly outcome: Draft['kind'];
  readonly delivery: Delivery | null;
}

/** Asks a model for a run that waits: one worker at a time, recorded before it answers. */
export function asyncLlm(tools: AsyncLlmTools): Step<AsyncLlmReply> {
  return plainStep<AsyncLlmEvent, AsyncLlmReply>({
    event: validateAsyncLlmEvent,
    facts: ({ execution_id, segment_id, branch_path, loop_counter }) => ({
      execution_id,
      action: null,
      segment_id,
      branch_path,
      loop_counter,
    }),
    async run(event, invocation) {
      const { owner_id, execution_id, definition_id, now } = event;
      const stepTools = invocation.open({ owner_id, execution_id, definition_id, now });
      const call = await callOf(event, stepTools);
      const asked = askedOf(event, call, { tools, stepTools });
      const draft = await settle(asked, tools, stepTools);
      return deliver(event, draft, { tools, stepTools });
    },
  });
}

/** The question: in the event, or behind its pointer. */
async function callOf({ request: { call } }: AsyncLlmEvent, { session }: StepTools): Promise<AsyncModelCall> {
  const value: Json = isFieldPointer(call) ? await session.hydrator.pointed(call) : call;
  return accept<AsyncModelCall>(validateAsyncModelCall, value, 'call');
}

interface Both {
  readonly tools: AsyncLlmTools;
  readonly stepTools: StepTools;
}

function askedOf(
  event: AsyncLlmEvent,
  call: AsyncModelCall,
  { tools, stepTools: { session, plan, deadline } }: Both,
): Asked {
  const { location, thresholds } = plan;
  const { execution_id, branch_path, request } = event;
  const mayCall = async () => {
    if (await tools.runs.isCancelled(execution_id))
      throw new StatebagError('Run.Cancelled', `run ${execution_id} was cancelled`);
  };
  const ledger = createLedger(session.store, {
    location,
    branch_path,
    now: event.now,
    thresholds,
    mayCall,
    read: (pointer) => session.hydrator.pointed(pointer),
  });
  const { node_version, loop, item } = call;
  const until = tools.clock() + DEADLINE_MS;
  return {
    event,
    call,
    ledger,
    openFile: ownersFiles(tools.streams(session.counts), location),
    holder: tools.newHolder(),
    place: { node_id: request.node_id, node_version, loop, item },
    deadline: { remainingMs: () => Math.max(0, Math.min(deadline.remainingMs(), until - tools.clock())) },
  };
}

async function settle(asked: Asked, tools: AsyncLlmTools, { tally }: StepTools): Promise<Draft> {
  const { execution_id, request, task_token } = asked.event;
  const facts = { execution_id, ledger_key: request.ledger_key };
  try {
    const { key, recorded } = await asked.ledger.lookUp(asked.place, questionOf(asked.call));
    if (key !== request.ledger_key)
      throw new StatebagError(
        'Contract.EventRejected',
        `the call has the ledger key ${key}, the request says ${request.ledger_key}: runner and worker are of different releases`,
      );
    if ((await tools.tokens.beat(task_token)) === 'gone') {
      tools.log.event('warn', { event: 'task_token_gone', at: 'begin', ...facts });
      return { kind: 'stopped' };
    }
    await tools.events.put(lifecycleEvent(asked.event));
    const result = recorded ?? (await askAlone(asked, tools));
    tally.llm = result.usage;
    return { kind: 'answered', result };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    if (failure.name === 'Ledger.LeaseLost') {
      tools.log.event('warn', { event: 'lease_lost', ...facts });
      return { kind: 'stopped' };
    }
    tools.log.event('error', failureEvent(execution_id, failure));
    return {
      kind: 'failed',
      error: isStatebagError(failure) ? failure.name : 'Node.Failed',
      cause: `node ${request.node_id}: ${failure.message}`,
    };
  } finally {
    tally.ledger = asked.ledger.counts();
  }
}

function lifecycleEvent({
  execution_id,
  owner_id,
  workflow_id,
  definition_id,
  branch_path,
  loop_counter,
  request,
  now,
}: AsyncLlmEvent) {
  const { node_id, ledger_key } = request;
  const ids = {
    execution_id,
    owner_id,
    workflow_id,
    definition_id,
    branch_path,
    loop_counter,
    node_id,
    ledger_key,
  };
  return { event_type: 'ASYNC_LLM_PROCESSING', ...ids, at: now } as const;
}

/** Answers the task, and says in the log where nobody waited any more. */
async function deliver(event: AsyncLlmEvent, draft: Draft, both: Both): Promise<AsyncLlmReply> {
  const { execution_id, request } = event;
  const delivery = await sent(event, draft, both);
  if (delivery === 'gone')
    both.tools.log.event('warn', {
      event: 'task_token_gone',
      at: 'answer',
      execution_id,
      ledger_key: request.ledger_key,
    });
  return { outcome: draft.kind, delivery };
}

async function sent(
  event: AsyncLlmEvent,
  draft: Draft,
  { tools: { tokens }, stepTools: { session, plan } }: Both,
): Promise<Delivery | null> {
  switch (draft.kind) {
    case 'stopped':
      return null;
    case 'failed':
      return tokens.fail(event.task_token, draft);
    case 'answered': {
      const { answer, writes } = planAnswer(event, draft.result, plan);
      await storeAll(writes, session);
      return tokens.succeed(event.task_token, answer);
    }
    default:
      return draft satisfies never;
  }
}

interface AnswerPlan {
  readonly answer: Answer;
  /** What must lie in the store before the answer is sent. */
  readonly writes: readonly PlannedWrite[];
}

/** The answer to a pause, at most 65,536 bytes: a large value goes ahead into the store. */
function planAnswer(
  { execution_id, branch_path, segment_id, loop_counter, request }: AsyncLlmEvent,
  { result, usage }: CallResult,
  context: PlanContext,
): AnswerPlan {
  // The bag counted the pause itself as a result: the answer is to the one before.
  const result_id = { execution_id, branch_path, segment_id, loop_counter: loop_counter - 1 };
  const { field, reducer } = request;
  const head = {
    result_id,
    field,
    ...(reducer !== undefined && { reducer }),
    status: 'CONTINUE',
    usage,
  } as const;
  const value: Json = result['answer'] ?? null;
  const inline: Answer = { ...head, value };
  if (byteSizeOf(value) <= context.thresholds.field && byteSizeOf(inline) <= BUDGET.result)
    return { answer: inline, writes: [] };
  const write = planWrite(value, 'blobs', context);
  return { answer: { ...head, pointer: fieldPointer(write, context.now) }, writes: [write] };
}
