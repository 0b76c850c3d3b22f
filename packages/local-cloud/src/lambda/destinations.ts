import type { BusEntry } from '@statebag/states';
import type { Asked } from '../iam/policy.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { Conclusion, EventQueue } from './event-queue.ts';
import { parseFunctionName } from './function-config.ts';
import type { FunctionRegistry } from './function-registry.ts';

export interface DestinationDeps {
  readonly registry: FunctionRegistry;
  arnOf(functionName: string, qualifier?: string): string;
  publish(entry: BusEntry): void;
  enqueue(event: Parameters<EventQueue['enqueue']>[0]): void;
  now(): number;
  /** Whether the role of a function may do something. */
  mayTell(functionName: string, asked: Asked): boolean;
  readonly logs: LogStore;
}

/**
 * Tells an event's destination, a function or an event bus, how it ended. A queue keeps things for people to
 * look at: there is none on one machine, whose log says as much.
 */
export function announce(conclusion: Conclusion, deps: DestinationDeps): void {
  const settings = deps.registry.settings(conclusion.event.functionName);
  const succeeded = conclusion.condition === 'Success';
  const destination = succeeded ? settings.onSuccess : settings.onFailure;
  if (destination === undefined || !isAllowed(conclusion, destination, deps)) return;
  if (destination.includes(':sqs:')) return;
  const record = recordOf(conclusion, deps);
  if (destination.includes(':lambda:')) {
    deps.enqueue({ ...parseFunctionName(destination), payload: JSON.stringify(record) });
    return;
  }
  deps.publish({
    Source: 'lambda',
    DetailType: `Lambda Function Invocation Result - ${succeeded ? 'Success' : 'Failure'}`,
    Detail: JSON.stringify(record),
    EventBusName: destination.split('/').at(-1) ?? 'default',
    Resources: [destination, record.requestContext.functionArn],
  });
}

/** Lambda tells a destination with the rights of the function; one it may not tell learns nothing. */
function isAllowed(
  { event: { functionName } }: Conclusion,
  destination: string,
  { mayTell, logs }: DestinationDeps,
): boolean {
  const [, action] = ACTIONS.find(([service]) => destination.includes(`:${service}:`)) ?? [];
  if (action === undefined || mayTell(functionName, { action, resource: destination })) return true;
  const message = `the role of ${functionName} has no right to ${action} on ${destination}`;
  logs.append(`/aws/lambda/${functionName}`, 'destinations', message);
  return false;
}

const ACTIONS = [
  ['lambda', 'lambda:InvokeFunction'],
  ['events', 'events:PutEvents'],
  ['sqs', 'sqs:SendMessage'],
] as const;

function recordOf({ event, condition, result }: Conclusion, { arnOf, now }: DestinationDeps) {
  return {
    version: '1.0',
    timestamp: new Date(now()).toISOString(),
    requestContext: {
      requestId: event.id,
      functionArn: arnOf(event.functionName, event.qualifier),
      condition,
      approximateInvokeCount: event.attempts,
    },
    requestPayload: JSON.parse(event.payload),
    ...(result === undefined
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: result.executedVersion,
            ...(result.functionError === undefined ? {} : { functionError: result.functionError }),
          },
          responsePayload: JSON.parse(result.payload),
        }),
  };
}
