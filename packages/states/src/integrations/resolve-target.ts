import { isObject, type Json, parseJson } from '../language/json.ts';
import { StateRuntimeError } from '../language/states-error.ts';
import type { Integration, Pattern, TaskTarget } from '../program/task-target.ts';
import { foreignCall, sdkCall } from './api-call.ts';
import { checkFields, DYNAMODB_FIELDS } from './field-types.ts';
import { LAMBDA_INVOKE, lambdaFunction } from './lambda.ts';
import { PUT_EVENTS } from './put-events.ts';
import { sdkMetadata } from './service-call.ts';
import { SEND_MESSAGE } from './sqs.ts';
import { START_EXECUTION } from './start-execution.ts';

/** The integrations of the local cloud, by service and action. */
const INTEGRATIONS: Readonly<Record<string, Integration>> = {
  'lambda:invoke': LAMBDA_INVOKE,
  'states:startExecution': START_EXECUTION,
  'events:putEvents': PUT_EVENTS,
  'sqs:sendMessage': SEND_MESSAGE,
  'dynamodb:getItem': dynamodbItem('GetItem'),
  'dynamodb:putItem': dynamodbItem('PutItem'),
  'dynamodb:updateItem': dynamodbItem('UpdateItem'),
  'dynamodb:deleteItem': dynamodbItem('DeleteItem'),
};

const PATTERNS: Readonly<Record<string, Pattern>> = {
  '': 'request',
  '.sync': 'sync',
  '.sync:2': 'sync',
  '.waitForTaskToken': 'callback',
};

/** What a Task's `Resource` calls, or why it is refused. */
export function resolveTarget(resource: string): TaskTarget | { readonly refused: string } {
  if (/^arn:aws[\w-]*:lambda:[^:]*:\d*:function:[^:]+(:[^:]+)?$/.test(resource)) {
    return {
      integration: lambdaFunction(resource),
      pattern: 'request',
      resourceType: 'lambda',
      resource,
      events: 'LambdaFunction',
    };
  }
  if (/^arn:aws[\w-]*:states:[^:]+:\d*:activity:[^:]+$/.test(resource)) {
    return {
      integration: activity(resource),
      pattern: 'callback',
      resourceType: 'activity',
      resource,
      events: 'Activity',
    };
  }
  const parts = SERVICE_CALL.exec(resource)?.groups;
  if (!parts)
    return {
      refused: `the local cloud does not support the resource '${resource}'; it runs ${Object.keys(INTEGRATIONS).join(', ')}, aws-sdk integrations and Lambda ARNs`,
    };
  const { sdk, service = '', action = '', suffix = '' } = parts;
  const known = sdk ? sdkCall(service, action) : INTEGRATIONS[`${service}:${action}`];
  const integration = known ?? foreignCall(service, action);
  const pattern = PATTERNS[suffix] ?? 'request';
  if (known && !known.patterns.includes(pattern))
    return { refused: `'${service}:${action}' cannot be called with '${suffix}'` };
  return {
    integration,
    // What a mock answers is the end of a job already.
    pattern: known || pattern === 'callback' ? pattern : 'request',
    resourceType: sdk ? `aws-sdk:${service}` : service,
    resource: `${action}${suffix}`,
    events: 'Task',
  };
}

const SERVICE_CALL =
  /^arn:aws[\w-]*:states:::(?<sdk>aws-sdk:)?(?<service>[\w-]+):(?<action>\w+)(?<suffix>\.sync:2|\.sync|\.waitForTaskToken)?$/;

/** An activity's ARN as the resource: a worker polls for the task and answers its token. */
export function activity(arn: string): Integration {
  return {
    errors: { prefix: 'Activity', service: 'AWSStepFunctions', base: 'AWSStepFunctionsException' },
    patterns: ['callback'],
    check(host) {
      if (!host.activities.exists(arn)) throw new StateRuntimeError(`The activity ${arn} does not exist.`);
    },
    call({ host, token }) {
      host.activities.offer(arn, token ?? '');
      return 'later';
    },
  };
}

/** `arn:aws:states:::dynamodb:…Item`: parameters and answer are DynamoDB's own JSON. */
export function dynamodbItem(action: string): Integration {
  return {
    errors: { prefix: 'DynamoDB', service: 'AmazonDynamoDBv2', base: 'AmazonDynamoDBException' },
    patterns: ['request'],
    checkParameters: (parameters) => checkFields(parameters, DYNAMODB_FIELDS),
    async call({ host, parameters }) {
      const release = host.clock.hold();
      try {
        const text = JSON.stringify(await host.items.call(action, parameters));
        const answer: Json = parseJson(text);
        return { ...(isObject(answer) ? answer : {}), ...sdkMetadata(text) };
      } finally {
        release();
      }
    },
  };
}
