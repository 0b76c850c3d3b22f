import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NON_RETRYABLE_CODES, RETRYABLE_CODES } from '@statebag/contracts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = 'stepfunctions/definitions';

/** Errors of the Lambda service itself: long waits, many tries. */
const LAMBDA_SERVICE = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'Lambda.ClientExecutionTimeoutException',
  ],
  IntervalSeconds: 5,
  MaxAttempts: 6,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};
const TRY_AGAIN = { IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2, JitterStrategy: 'FULL' };

/**
 * What every Lambda task tries again, in order: never our own final errors, the service's own, then what may
 * pass.
 */
export const LAMBDA_RETRIERS = [
  { ErrorEquals: NON_RETRYABLE_CODES, MaxAttempts: 0 },
  LAMBDA_SERVICE,
  { ErrorEquals: [...RETRYABLE_CODES, 'States.TaskFailed', 'States.Timeout'], ...TRY_AGAIN },
];
/**
 * A wait for a person is not begun anew when its time is over, but its token is stored again when it got
 * lost;
 * a worker's call is made again where a later try may help.
 */
const TOKEN_RETRIERS = [
  { ErrorEquals: NON_RETRYABLE_CODES, MaxAttempts: 0 },
  LAMBDA_SERVICE,
  { ErrorEquals: [...RETRYABLE_CODES, 'States.HeartbeatTimeout', 'States.TaskFailed'], ...TRY_AGAIN },
];
const EVENT_RETRIERS = [{ ErrorEquals: ['States.TaskFailed', 'States.Timeout'], ...TRY_AGAIN }];

/**
 * A child's name is deterministic: starting it again while it runs is the same child. One that failed is not
 * started again.
 */
const CHILD_RETRIERS = [
  {
    ErrorEquals: [
      'StepFunctions.SdkClientException',
      'StepFunctions.ServiceException',
      'StepFunctions.ThrottlingException',
    ],
    ...TRY_AGAIN,
  },
];

/** A condition that does not hold is an answer. */
const ITEM_RETRIERS = [
  { ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'], MaxAttempts: 0 },
  { ErrorEquals: ['States.TaskFailed', 'States.Timeout'], ...TRY_AGAIN },
];

const RETRIERS: Readonly<Record<string, object[]>> = {
  'arn:aws:states:::lambda:invoke': LAMBDA_RETRIERS,
  'arn:aws:states:::lambda:invoke.waitForTaskToken': TOKEN_RETRIERS,
  'arn:aws:states:::events:putEvents': EVENT_RETRIERS,
  'arn:aws:states:::states:startExecution.sync:2': CHILD_RETRIERS,
  'arn:aws:states:::dynamodb:putItem': ITEM_RETRIERS,
  'arn:aws:states:::dynamodb:getItem': ITEM_RETRIERS,
  'arn:aws:states:::dynamodb:updateItem': ITEM_RETRIERS,
};

/** The definitions, each Task with the retriers of its kind. Everything else in them is written by hand. */
export function stateMachines(): [string, string][] {
  const files = readdirSync(join(ROOT, FOLDER)).filter((file) => file.endsWith('.asl.json'));
  return files.map((file) => [
    `${FOLDER}/${file}`,
    `${JSON.stringify(JSON.parse(readFileSync(join(ROOT, FOLDER, file), 'utf8')), withRetriers, 2)}\n`,
  ]);
}

function withRetriers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('Resource' in value) || !('Retry' in value))
    return value;
  const retriers = RETRIERS[String(value.Resource)];
  return retriers ? { ...value, Retry: retriers } : value;
}
