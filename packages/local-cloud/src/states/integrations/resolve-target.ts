import { activity } from './activity.ts';
import { dynamodbItem } from './dynamodb.ts';
import type { Integration, Pattern, TaskTarget } from './integration.ts';
import { LAMBDA_INVOKE, lambdaFunction } from './lambda.ts';
import { PUT_EVENTS } from './put-events.ts';
import { START_EXECUTION } from './start-execution.ts';

/** The integrations of the local cloud, by service and action. */
const INTEGRATIONS: Readonly<Record<string, Integration>> = {
  'lambda:invoke': LAMBDA_INVOKE,
  'states:startExecution': START_EXECUTION,
  'events:putEvents': PUT_EVENTS,
  'dynamodb:getItem': dynamodbItem('GetItem'),
  'dynamodb:putItem': dynamodbItem('PutItem'),
  'dynamodb:updateItem': dynamodbItem('UpdateItem'),
  'dynamodb:deleteItem': dynamodbItem('DeleteItem'),
};

const PATTERNS: Readonly<Record<string, Pattern>> = { '': 'request', '.sync': 'sync', '.sync:2': 'sync', '.waitForTaskToken': 'callback' };

/** What a Task's `Resource` calls, or why it is refused. */
export function resolveTarget(resource: string): TaskTarget | { readonly refused: string } {
  if (/^arn:aws[\w-]*:lambda:[^:]*:\d*:function:[^:]+(:[^:]+)?$/.test(resource)) {
    return { integration: lambdaFunction(resource), pattern: 'request', resourceType: 'lambda', resource, events: 'LambdaFunction' };
  }
  if (/^arn:aws[\w-]*:states:[^:]+:\d*:activity:[^:]+$/.test(resource)) {
    return { integration: activity(resource), pattern: 'callback', resourceType: 'activity', resource, events: 'Activity' };
  }
  const optimised = /^arn:aws[\w-]*:states:::(?<service>[\w-]+):(?<action>\w+)(?<suffix>\.sync:2|\.sync|\.waitForTaskToken)?$/.exec(resource)?.groups;
  if (!optimised)
    return { refused: `the local cloud does not support the resource '${resource}'; it runs ${Object.keys(INTEGRATIONS).join(', ')} and Lambda ARNs` };
  const { service = '', action = '', suffix = '' } = optimised;
  const integration = INTEGRATIONS[`${service}:${action}`];
  const pattern = PATTERNS[suffix] ?? 'request';
  if (!integration)
    return { refused: `the local cloud does not support the integration '${service}:${action}'; it has ${Object.keys(INTEGRATIONS).join(', ')}` };
  if (!integration.patterns.includes(pattern)) return { refused: `'${service}:${action}' cannot be called with '${suffix}'` };
  return { integration, pattern, resourceType: service, resource: `${action}${suffix}`, events: 'Task' };
}
