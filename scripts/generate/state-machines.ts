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
    'Lambda.ClientExecutionTimeoutException',
  ],
  IntervalSeconds: 5,
  MaxAttempts: 6,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};
/** After the first minute one try in half a minute, on average. */
const PATIENTLY = { IntervalSeconds: 2, BackoffRate: 2, MaxDelaySeconds: 60, JitterStrategy: 'FULL' };
/**
 * No place is free among the functions of the account, or among the calls that a model's provider takes at
 * once: that is no failure, so it is waited for. A try adds
 * three events to the history of its execution: forty workers that all wait in vain for an hour and a half
 * stay below 25,000.
 */
const THROTTLED = {
  ErrorEquals: ['Lambda.TooManyRequestsException', 'Llm.AtCapacity'],
  MaxAttempts: 200,
  ...PATIENTLY,
};
/**
 * A worker of a distributed Map has an execution to itself. The Map starts another one wherever one ends, and
 * that one is often sooner at the free place, so some wait for most of the list: up to seventeen hours.
 */
const THROTTLED_APART = { ...THROTTLED, MaxAttempts: 2_000 };
const MAY_PASS = RETRYABLE_CODES.filter((code) => !THROTTLED.ErrorEquals.includes(code));
const TRY_AGAIN = { IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2, JitterStrategy: 'FULL' };

/**
 * What every Lambda task tries again, in order: never our own final errors, what is held back, the service's
 * own, then what may pass.
 */
export const LAMBDA_RETRIERS = [
  { ErrorEquals: NON_RETRYABLE_CODES, MaxAttempts: 0 },
  THROTTLED,
  LAMBDA_SERVICE,
  { ErrorEquals: [...MAY_PASS, 'States.TaskFailed', 'States.Timeout'], ...TRY_AGAIN },
];
const APART_RETRIERS = LAMBDA_RETRIERS.map((each) => (each === THROTTLED ? THROTTLED_APART : each));
/**
 * A wait for a person is not begun anew when its time is over, but its token is stored again when it got
 * lost; a worker's call is made again where a later try may help. A worker whose event still waits for a free
 * place among the functions does not beat: like any that is held back it is waited for.
 */
const TOKEN_RETRIERS = [
  { ErrorEquals: NON_RETRYABLE_CODES, MaxAttempts: 0 },
  { ...THROTTLED, ErrorEquals: [...THROTTLED.ErrorEquals, 'States.HeartbeatTimeout'] },
  LAMBDA_SERVICE,
  { ErrorEquals: [...MAY_PASS, 'States.TaskFailed'], ...TRY_AGAIN },
];
const EVENT_RETRIERS = [{ ErrorEquals: ['States.TaskFailed', 'States.Timeout'], ...TRY_AGAIN }];

/**
 * A child's name is deterministic: starting it again while it runs is the same child. One that failed is not
 * started again. Step Functions tells a task that the account starts too many executions by the base exception
 * of its client: that is waited for, a quarter of an hour on average. A role that lacks the right is told alike.
 */
const CHILD_RETRIERS = [
  {
    ErrorEquals: [
      'StepFunctions.AWSStepFunctionsException',
      'StepFunctions.ExecutionLimitExceededException',
      'StepFunctions.ThrottlingException',
    ],
    MaxAttempts: 30,
    ...PATIENTLY,
  },
  {
    ErrorEquals: ['StepFunctions.SdkClientException', 'StepFunctions.ServiceException'],
    ...TRY_AGAIN,
  },
];

/** A condition that does not hold is an answer. */
const ITEM_RETRIERS = [
  { ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'], MaxAttempts: 0 },
  { ErrorEquals: ['States.TaskFailed', 'States.Timeout'], ...TRY_AGAIN },
];

const INVOKE = 'arn:aws:states:::lambda:invoke';

const RETRIERS: Readonly<Record<string, object[]>> = {
  [INVOKE]: LAMBDA_RETRIERS,
  'arn:aws:states:::lambda:invoke.waitForTaskToken': TOKEN_RETRIERS,
  'arn:aws:states:::events:putEvents': EVENT_RETRIERS,
  'arn:aws:states:::states:startExecution.sync:2': CHILD_RETRIERS,
  'arn:aws:states:::dynamodb:putItem': ITEM_RETRIERS,
  'arn:aws:states:::dynamodb:getItem': ITEM_RETRIERS,
  'arn:aws:states:::dynamodb:updateItem': ITEM_RETRIERS,
};

/** States that are entered after all tries of what may pass. */
const ONCE_MORE = /OnceMore$/;

/** The definitions, each Task with the retriers of its kind. The rest is written by hand. */
export function stateMachines(): [string, string][] {
  const files = readdirSync(join(ROOT, FOLDER)).filter((file) => file.endsWith('.asl.json'));
  return files.map((file) => [
    `${FOLDER}/${file}`,
    `${JSON.stringify(withRetriers(JSON.parse(readFileSync(join(ROOT, FOLDER, file), 'utf8')), RETRIERS), null, 2)}\n`,
  ]);
}

function withRetriers(value: unknown, retriers: Readonly<Record<string, object[]>>): unknown {
  if (Array.isArray(value)) return value.map((each) => withRetriers(each, retriers));
  if (typeof value !== 'object' || value === null) return value;
  if ('Next' in value && 'ErrorEquals' in value && ONCE_MORE.test(String(value.Next)))
    return { ...value, ErrorEquals: RETRYABLE_CODES };
  const own = 'Retry' in value && 'Resource' in value ? retriers[String(value.Resource)] : undefined;
  const within = isDistributed(value) ? { ...retriers, [INVOKE]: APART_RETRIERS } : retriers;
  const members = Object.entries(value).map(([name, each]) => [
    name,
    name === 'Retry' && own ? own : withRetriers(each, within),
  ]);
  return Object.fromEntries(members);
}

/** An ItemProcessor whose iterations are executions of their own. */
function isDistributed(value: object): boolean {
  const config = 'ProcessorConfig' in value ? Object(value.ProcessorConfig) : {};
  return config.Mode === 'DISTRIBUTED';
}
