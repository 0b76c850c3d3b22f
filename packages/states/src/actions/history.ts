import { apiErrors } from '../engine/api-errors.ts';
import type { Engine } from '../engine/engine.ts';
import { fromJson } from '../ports/journal.ts';
import type { JsonActions } from '../ports/services.ts';
import type { EventType } from '../program/execution.ts';
import type { StoredEvent } from '../store/event-store.ts';
import { executionOf, Request, refuseExpress, wireTime } from './request.ts';

/** The history of an execution, event by event as the service shows it. */
export function historyActions(engine: Engine): JsonActions {
  return {
    async GetExecutionHistory(input) {
      const request = new Request(input);
      const arn = request.requiredText('executionArn');
      refuseExpress(arn);
      const execution = executionOf(engine, arn);
      engine.persist();
      const reverse = request.boolean('reverseOrder') ?? false;
      const limit = request.integer('maxResults', { least: 0, most: 1000 }) || 100;
      const after = startOf(request.text('nextToken'), reverse);
      const events = engine.events.page(execution.id, { after, limit: limit + 1, reverse });
      const last = events[limit - 1];
      const withData = request.boolean('includeExecutionData') ?? true;
      const shown = events.slice(0, limit).map((event) => wireEvent(event, withData));
      return {
        events: shown,
        ...(events.length > limit && last
          ? { nextToken: Buffer.from(String(last.id)).toString('base64url') }
          : {}),
      };
    },
  };
}

function startOf(token: string | undefined, reverse: boolean): number {
  if (token === undefined) return reverse ? Number.MAX_SAFE_INTEGER : 0;
  const id = Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(id) || id < 1) throw apiErrors.paginationToken();
  return id;
}

/** Where the details of an event are, and what its payload is called there. */
interface DetailsShape {
  readonly field: string;
  readonly payload?: 'input' | 'output' | 'parameters';
}

function shapeOf(type: EventType): DetailsShape | undefined {
  if (type.endsWith('StateEntered')) return { field: 'stateEnteredEventDetails', payload: 'input' };
  if (type.endsWith('StateExited')) return { field: 'stateExitedEventDetails', payload: 'output' };
  if (type.startsWith('MapIteration') || type === 'MapStateStarted')
    return { field: `${lowerFirst(type)}EventDetails` };
  return SHAPES[type];
}

const lowerFirst = (text: string): string => `${text[0]?.toLowerCase()}${text.slice(1)}`;

const SHAPES: Readonly<Partial<Record<EventType, DetailsShape>>> = {
  ExecutionStarted: { field: 'executionStartedEventDetails', payload: 'input' },
  ExecutionSucceeded: { field: 'executionSucceededEventDetails', payload: 'output' },
  ExecutionFailed: { field: 'executionFailedEventDetails' },
  ExecutionAborted: { field: 'executionAbortedEventDetails' },
  ExecutionTimedOut: { field: 'executionTimedOutEventDetails' },
  ExecutionRedriven: { field: 'executionRedrivenEventDetails' },
  EvaluationFailed: { field: 'evaluationFailedEventDetails' },
  TaskScheduled: { field: 'taskScheduledEventDetails', payload: 'parameters' },
  TaskStarted: { field: 'taskStartedEventDetails' },
  TaskStartFailed: { field: 'taskStartFailedEventDetails' },
  TaskSubmitted: { field: 'taskSubmittedEventDetails', payload: 'output' },
  TaskSubmitFailed: { field: 'taskSubmitFailedEventDetails' },
  TaskSucceeded: { field: 'taskSucceededEventDetails', payload: 'output' },
  TaskFailed: { field: 'taskFailedEventDetails' },
  TaskTimedOut: { field: 'taskTimedOutEventDetails' },
  LambdaFunctionScheduled: { field: 'lambdaFunctionScheduledEventDetails', payload: 'input' },
  LambdaFunctionSucceeded: { field: 'lambdaFunctionSucceededEventDetails', payload: 'output' },
  LambdaFunctionFailed: { field: 'lambdaFunctionFailedEventDetails' },
  LambdaFunctionTimedOut: { field: 'lambdaFunctionTimedOutEventDetails' },
  ActivityScheduled: { field: 'activityScheduledEventDetails', payload: 'input' },
  ActivityStarted: { field: 'activityStartedEventDetails' },
  ActivitySucceeded: { field: 'activitySucceededEventDetails', payload: 'output' },
  ActivityFailed: { field: 'activityFailedEventDetails' },
  ActivityTimedOut: { field: 'activityTimedOutEventDetails' },
  MapRunStarted: { field: 'mapRunStartedEventDetails' },
  MapRunFailed: { field: 'mapRunFailedEventDetails' },
  MapRunRedriven: { field: 'mapRunRedrivenEventDetails' },
};

function wireEvent({ id, previous, at, type, facts, payload }: StoredEvent, withData: boolean): object {
  const shape = shapeOf(type);
  const head = { timestamp: wireTime(at), type, id, previousEventId: previous };
  if (!shape) return head;
  const data = payload && shape.payload ? dataOf(shape.payload, payload.text, withData) : {};
  const { assigned, role, ...others } = facts;
  const credentials = typeof role === 'string' ? { taskCredentials: { roleArn: role } } : {};
  const variables = typeof assigned === 'string' ? assignedOf(assigned, withData) : {};
  return { ...head, [shape.field]: { ...present(others), ...credentials, ...data, ...variables } };
}

/** The variables that a state has assigned, each with the JSON text of its value. */
function assignedOf(assigned: string, withData: boolean): object {
  if (!withData) return { assignedVariablesDetails: { truncated: true } };
  const values = Object.entries(fromJson<Record<string, unknown>>(assigned));
  const assignedVariables = Object.fromEntries(values.map(([name, value]) => [name, JSON.stringify(value)]));
  return { assignedVariables, assignedVariablesDetails: { truncated: false } };
}

function dataOf(name: string, text: string, withData: boolean): object {
  if (name === 'parameters') return { parameters: withData ? text : '{}' };
  return withData
    ? { [name]: text, [`${name}Details`]: { truncated: false } }
    : { [`${name}Details`]: { truncated: true } };
}

/** The facts that there are: an error without a name has none. */
function present(facts: StoredEvent['facts']): object {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== null && value !== undefined),
  );
}
