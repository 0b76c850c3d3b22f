import { isArray, isObject, type Json } from '../language/json.ts';
import type { AnswerModel, AnswerShape, Apis } from '../ports/services.ts';
import type { TaskTarget } from '../program/task-target.ts';

const ATTRIBUTES: AnswerModel = {
  required: {},
  optional: {
    Attributes: 'object',
    Item: 'object',
    ConsumedCapacity: 'object',
    ItemCollectionMetrics: 'object',
  },
};

/** The answers of optimised integrations. */
const ANSWERS: Readonly<Record<string, AnswerModel>> = {
  'lambda:invoke': {
    required: {},
    optional: {
      ExecutedVersion: 'string',
      FunctionError: 'string',
      LogResult: 'string',
      Payload: 'any',
      StatusCode: 'number',
    },
  },
  'dynamodb:getItem': ATTRIBUTES,
  'dynamodb:putItem': ATTRIBUTES,
  'dynamodb:updateItem': ATTRIBUTES,
  'dynamodb:deleteItem': ATTRIBUTES,
  'sqs:sendMessage': {
    required: {},
    optional: {
      MD5OfMessageBody: 'string',
      MD5OfMessageAttributes: 'string',
      MD5OfMessageSystemAttributes: 'string',
      MessageId: 'string',
      SequenceNumber: 'string',
    },
  },
  'states:startExecution': { required: { ExecutionArn: 'string', StartDate: 'any' }, optional: {} },
  'events:putEvents': { required: {}, optional: { Entries: 'array', FailedEntryCount: 'number' } },
};

/**
 * What is wrong with a mocked result, held against the model of its API. STRICT: nothing required is missing;
 * PRESENT: what is there has the right type; NONE: all is well.
 */
export function checkMockedResult(
  { integration, resourceType, resource }: TaskTarget,
  result: Json,
  { mode, apis }: { mode: string; apis: Pick<Apis, 'answer'> },
): string | undefined {
  const action = resource.split('.')[0] ?? '';
  const answer = integration.api ? apis.answer?.(resourceType, action) : ANSWERS[`${resourceType}:${action}`];
  if (mode === 'NONE' || !answer || resource.includes('.')) return undefined;
  const problems = isObject(result) ? [...problemsOf(answer, result, mode)] : ['it is not an object'];
  return problems.length === 0 ? undefined : `Mock result schema validation error: ${problems.join(', ')}`;
}

function* problemsOf(
  { required, optional }: AnswerModel,
  result: Readonly<Record<string, Json>>,
  mode: string,
): Generator<string> {
  if (mode === 'STRICT')
    for (const name of Object.keys(required))
      if (!Object.hasOwn(result, name)) yield `Field '${name}' is required but was missing`;
  for (const [name, shape] of Object.entries({ ...required, ...optional }))
    if (Object.hasOwn(result, name) && !fits(result[name] ?? null, shape))
      yield `Field '${name}' must be a ${shape}`;
}

function fits(value: Json, shape: AnswerShape): boolean {
  if (shape === 'any') return true;
  if (shape === 'array') return isArray(value);
  return shape === 'object' ? isObject(value) : typeof value === shape;
}
