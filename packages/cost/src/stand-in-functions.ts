import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { AsyncLlmEvent, StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { s3ObjectStreams } from '@statebag/state-core/store/s3-object-streams';
import { openStore } from '@statebag/state-core/store/store-session';
import type { Clock, Functions } from '@statebag/states';
import { type StepDeps, type StepLine, stepHandler } from '@statebag/step-kit';
import {
  actionHandler,
  aggregateDistributedResults,
  prepareDistributedExecution,
  processSegmentChunk,
  segmentHandler,
} from '@statebag/steps';
import { createProviders, type LlmProviders, type PriceList } from '@statebag/workflow';

/**
 * As long as Lambda allows: a rehearsal never runs short of time, so lists are not split as a slow model
 * would split them.
 */
const CONTEXT = { getRemainingTimeInMillis: () => 900_000 };
const mock = createProviders();
const PROVIDERS: LlmProviders = () => mock('mock');

interface Reach {
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly bucket: string;
}

/** What models cost in it, and who hears what each function took. */
interface Rehearsing {
  readonly prices: PriceList;
  readonly onLine: (line: StepLine) => void;
}

type Handler = (event: never) => Promise<unknown>;

/**
 * What the state machines call, in this process: the real steps, and answers at once from models, services
 * and people. Time stands still while one works.
 */
export function standInFunctions(clock: Clock, seen: Rehearsing): Functions & { open(reach: Reach): void } {
  let handlers: Readonly<Record<string, Handler>> = {};
  return {
    open(reach) {
      handlers = handlersFor(reach, seen);
    },
    async invoke({ functionName, payload }) {
      const key = Object.keys(handlers).find((name) => functionName.includes(`-${name}`));
      const handler = key === undefined ? undefined : handlers[key];
      if (!handler) throw new Error(`${functionName} has no stand-in; leave --input out for a range`);
      const release = clock.hold();
      try {
        // each handler checks its event
        return {
          statusCode: 200,
          requestId: 'rehearsal',
          executedVersion: '1',
          ...(await answered(() => handler(JSON.parse(payload) as never))),
        };
      } finally {
        release();
      }
    },
  };
}

/** A failure leaves a function as an error document, as Lambda's does. */
async function answered(
  work: () => Promise<unknown>,
): Promise<{ payload: string; functionError?: 'Unhandled' }> {
  try {
    return { payload: JSON.stringify((await work()) ?? null) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return {
      payload: JSON.stringify({ errorType: name, errorMessage: message }),
      functionError: 'Unhandled',
    };
  }
}

/** A file of a few bytes, whatever is uploaded: nothing is sent anywhere. */
async function standInFile(name: string): Promise<AsyncIterable<Uint8Array>> {
  return Readable.from([Buffer.from(name)]);
}

function handlersFor(
  { s3, sfn, bucket }: Reach,
  { prices, onLine }: Rehearsing,
): Readonly<Record<string, Handler>> {
  const deps = (functionName: string): StepDeps => ({
    config: { bucket, functionName, thresholds: THRESHOLDS },
    process: openStore(s3ObjectStore(s3)),
    log: { event: () => {}, line: onLine },
    clock: () => performance.now(),
  });
  const outside = {
    providers: PROVIDERS,
    prices,
    openFile: standInFile,
    http: async () => ({ status: 200, headers: {}, text: '{}' }),
    invoke: async (): Promise<Json> => ({}),
    secret: async (name: string) => name,
  };
  const manage = actionHandler(deps('stateDataManager'));
  const execute = segmentHandler(outside, deps('executeSegment'));
  const streams = (counts: StoreCounts) => s3ObjectStreams(s3, counts);
  const prepare = stepHandler(
    prepareDistributedExecution({ streams, events: { put: async () => {} }, showsValues: false }),
    deps('prepareDistributedExecution'),
  );
  const chunk = stepHandler(processSegmentChunk({ ...outside, streams }), deps('processSegmentChunk'));
  const aggregate = stepHandler(aggregateDistributedResults(streams), deps('aggregateDistributedResults'));
  return {
    // Middy asks for no more of the context
    stateDataManager: (event) => manage(event, CONTEXT),
    executeSegment: (event) => execute(event, CONTEXT as never),
    prepareDistributedExecution: (event) => prepare(event, CONTEXT as never),
    processSegmentChunk: (event) => chunk(event, CONTEXT as never),
    aggregateDistributedResults: (event) => aggregate(event, CONTEXT as never),
    storeTaskToken: (event) => approve(event, sfn),
    asyncLlmHandler: (event) => answerForModel(event, { sfn, prices }),
  };
}

async function approve(
  { request, task_token, ...pause }: StoreTaskTokenEvent,
  sfn: SFNClient,
): Promise<void> {
  await deliver(sfn, task_token, {
    ...answerTo(pause, request.field),
    value: { choice: request.choices[0] ?? 'approve' },
  });
}

async function answerForModel(
  { request, task_token, ...pause }: AsyncLlmEvent,
  { sfn, prices }: Pick<Reach, 'sfn'> & Pick<Rehearsing, 'prices'>,
): Promise<void> {
  const call: Readonly<Record<string, unknown>> = request.call; // a stored question is asked as an empty one
  const { model = 'default', prompt = '', response_schema } = call;
  const provider = await PROVIDERS('mock');
  const question = {
    model: String(model),
    prompt: String(prompt),
    idempotency_key: request.ledger_key,
    timeout_ms: 1_000,
  };
  const { text, ...tokens } = await provider.complete(
    isSchema(response_schema) ? { ...question, response_schema } : question,
  );
  const value: Json = isSchema(response_schema) ? JSON.parse(text) : text;
  const usage = { llm_calls: 1, ...tokens, cost_nano_usd: prices.costOf(String(model), tokens) };
  await deliver(sfn, task_token, { ...answerTo(pause, request.field), value, usage });
}

function isSchema(value: unknown): value is JsonObject {
  return isJsonObject(value as Json);
}

function answerTo(
  {
    execution_id,
    branch_path,
    loop_counter,
    segment_id,
  }: Pick<StoreTaskTokenEvent, 'execution_id' | 'branch_path' | 'loop_counter' | 'segment_id'>,
  field: string,
) {
  return {
    result_id: { execution_id, branch_path, loop_counter: loop_counter - 1, segment_id },
    field,
    status: 'CONTINUE' as const,
  };
}

async function deliver(sfn: SFNClient, taskToken: string, answer: Answer): Promise<void> {
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(answer) }));
}
