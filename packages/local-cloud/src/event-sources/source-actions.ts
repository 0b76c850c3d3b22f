import { randomUUID } from 'node:crypto';
import { text as readText } from 'node:stream/consumers';
import { ApiError, type Clock, type Journal, type JsonActions } from '@statebag/states';
import { parseInput } from '../gateway/json-service.ts';
import type { RestService } from '../gateway/request.ts';
import type { EventSource, SourceStore } from './source-store.ts';

export interface SourceActionDeps {
  readonly store: SourceStore;
  readonly journal: Journal;
  readonly clock: Clock;
  arnOf(functionName: string, qualifier?: string): string;
  /** The first thing that the role of a function may not do with a queue; undefined where it may take messages. */
  missingRight(functionName: string, queueArn: string): string | undefined;
  /** Is told of every source that was made, changed or removed. */
  changed(id: string): void;
}

type Input = Readonly<Record<string, unknown>>;

/** Lambda's actions on event source mappings, by name. */
export function sourceActions(deps: SourceActionDeps): JsonActions {
  return {
    CreateEventSourceMapping: (input) => create(input, deps),
    GetEventSourceMapping: async (input) => describe(found(input, deps), deps),
    ListEventSourceMappings: async (input) => list(input, deps),
    UpdateEventSourceMapping: (input) => save(found(input, deps), input, deps),
    DeleteEventSourceMapping: (input) => remove(found(input, deps), deps),
  };
}

/** The action that a method stands for, of one mapping or of all. */
const OPERATIONS: Readonly<Record<string, { readonly action: string; readonly status: number }>> = {
  'POST all': { action: 'CreateEventSourceMapping', status: 202 },
  'GET all': { action: 'ListEventSourceMappings', status: 200 },
  'GET one': { action: 'GetEventSourceMapping', status: 200 },
  'PUT one': { action: 'UpdateEventSourceMapping', status: 202 },
  'DELETE one': { action: 'DeleteEventSourceMapping', status: 202 },
};

/** The same as Lambda's REST API. */
export function serveEventSources(actions: JsonActions): RestService {
  return async ({ method, path, query, body, requestId, rights }) => {
    const [, , , id = ''] = path.split('/');
    const operation = OPERATIONS[`${method} ${id === '' ? 'all' : 'one'}`];
    const run = operation && actions[operation.action];
    if (!run)
      throw new ApiError('UnknownOperationException', `${method} ${path} is no operation`, { status: 404 });
    rights.require({ action: `lambda:${operation.action}`, resource: '*' });
    const input = { ...Object.fromEntries(query), ...parseInput(await readText(body)) };
    const output = await run(id === '' ? input : { ...input, UUID: id });
    const headers = { 'content-type': 'application/json', 'x-amzn-requestid': requestId };
    return { status: operation.status, headers, body: JSON.stringify(output) };
  };
}

function found({ UUID: id }: Input, { store }: SourceActionDeps): EventSource {
  const source = store.find(String(id));
  if (source) return source;
  throw new ApiError('ResourceNotFoundException', 'The resource you requested does not exist.', {
    status: 404,
  });
}

async function create(input: Input, deps: SourceActionDeps): Promise<object> {
  const { EventSourceArn: arn, FunctionName: name } = input;
  if (typeof arn !== 'string' || !/^arn:aws[\w-]*:sqs:/.test(arn))
    throw invalid(`Unrecognized event source ${String(arn)}: the local cloud has those of SQS.`);
  if (typeof name !== 'string' || name === '') throw invalid('FunctionName is missing');
  const queue = arn.slice(arn.lastIndexOf(':') + 1);
  const [functionName = '', qualifier = '$LATEST'] = name
    .replace(/^arn:aws[\w-]*:lambda:[^:]*:\d*:function:/, '')
    .split(':');
  const same = deps.store.all().some((s) => s.function_name === functionName && s.queue_arn === arn);
  if (same)
    throw new ApiError(
      'ResourceConflictException',
      `An event source mapping with SQS arn (" ${arn} ") and function (" ${functionName} ") already exists.`,
      { status: 409 },
    );
  const missing = deps.missingRight(functionName, arn);
  if (missing !== undefined)
    throw invalid(`The provided execution role does not have permissions to call ${missing} on SQS`);
  const fresh = { batch_size: 10, enabled: 1, reports_failures: 0 };
  const id = randomUUID();
  return save(
    { id, function_name: functionName, qualifier, queue, queue_arn: arn, modified: 0, ...fresh },
    input,
    deps,
  );
}

async function save(source: EventSource, input: Input, deps: SourceActionDeps): Promise<object> {
  const { BatchSize: size = source.batch_size, Enabled: enabled, FunctionResponseTypes: types } = input;
  const most = source.queue.endsWith('.fifo') ? 10 : 10_000;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > most)
    throw invalid(`Value '${String(size)}' at 'batchSize' must be from 1 to ${most}`);
  const saved: EventSource = {
    ...source,
    batch_size: size,
    enabled: typeof enabled === 'boolean' ? Number(enabled) : source.enabled,
    reports_failures: Array.isArray(types)
      ? Number(types.includes('ReportBatchItemFailures'))
      : source.reports_failures,
    modified: deps.clock.now(),
  };
  deps.journal.write(() => deps.store.save(saved));
  await deps.journal.flush();
  deps.changed(saved.id);
  return describe(saved, deps);
}

async function remove(source: EventSource, deps: SourceActionDeps): Promise<object> {
  deps.journal.write(() => deps.store.remove(source.id));
  await deps.journal.flush();
  deps.changed(source.id);
  return { ...describe(source, deps), State: 'Deleting' };
}

function list({ FunctionName: name, EventSourceArn: arn }: Input, deps: SourceActionDeps): object {
  const sources = deps.store
    .all()
    .filter(
      (source) =>
        (name === undefined || isOf(source, String(name), deps)) &&
        (arn === undefined || source.queue_arn === arn),
    );
  return { EventSourceMappings: sources.map((source) => describe(source, deps)) };
}

function isOf({ function_name: known }: EventSource, name: string, { arnOf }: SourceActionDeps): boolean {
  return name === known || name === arnOf(known);
}

function describe(source: EventSource, { arnOf }: SourceActionDeps): Readonly<Record<string, unknown>> {
  return {
    UUID: source.id,
    EventSourceArn: source.queue_arn,
    FunctionArn: arnOf(source.function_name, source.qualifier),
    BatchSize: source.batch_size,
    MaximumBatchingWindowInSeconds: 0,
    State: source.enabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
    LastModified: source.modified / 1000,
    FunctionResponseTypes: source.reports_failures ? ['ReportBatchItemFailures'] : [],
  };
}

const invalid = (message: string): ApiError => new ApiError('InvalidParameterValueException', message);
