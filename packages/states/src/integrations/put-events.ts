import { isArray, isObject, type Json, type JsonObject, parseJson } from '../language/json.ts';
import { StatesError } from '../language/states-error.ts';
import type { BusEntry } from '../ports/services.ts';
import type { Integration } from '../program/task-target.ts';
import { checkFields, PUT_EVENTS_FIELDS } from './field-types.ts';
import { requireParameter, sdkMetadata } from './service-call.ts';

/**
 * `arn:aws:states:::events:putEvents`: `Detail` may be an object, and the execution is named among the
 * resources.
 */
export const PUT_EVENTS: Integration = {
  errors: { prefix: 'EventBridge', service: 'AmazonEventBridge', base: 'AmazonEventBridgeException' },
  patterns: ['request', 'callback'],
  checkParameters: (parameters) => checkFields(parameters, PUT_EVENTS_FIELDS),
  lint(task) {
    requireParameter(task, 'Entries');
  },
  async call({ host, parameters, task }) {
    const entries =
      isObject(parameters) && isArray(parameters['Entries']) ? parameters['Entries'].filter(isObject) : [];
    const execution = host.findExecution(task.execution)?.arn;
    const put = await host.bus.put(
      entries.filter((entry) => problemOf(entry) === undefined).map((entry) => busEntry(entry, execution)),
    );
    const ids = put.map(({ EventId }) => EventId).values();
    const results = entries.map((entry) => problemOf(entry) ?? { EventId: ids.next().value ?? '' });
    const failed = results.filter((result) => 'ErrorCode' in result).length;
    const answer = { Entries: results, FailedEntryCount: failed };
    const whole = { ...answer, ...sdkMetadata(JSON.stringify(answer)) };
    if (failed > 0) throw new StatesError('EventBridge.FailedEntry', JSON.stringify(whole), { ofTask: true });
    return whole;
  },
};

/** Why the bus would refuse an entry. */
function problemOf(
  entry: JsonObject,
): { readonly ErrorCode: string; readonly ErrorMessage: string } | undefined {
  for (const field of ['Source', 'DetailType', 'Detail']) {
    if (entry[field] !== undefined && entry[field] !== '') continue;
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${field} is not valid. Reason: ${field} is a required argument.`,
    };
  }
  return typeof entry['Detail'] === 'string' && !isJsonObject(entry['Detail'])
    ? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
    : undefined;
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(parseJson(text));
  } catch {
    return false; // no JSON at all
  }
}

function busEntry(entry: JsonObject, execution: string | undefined): BusEntry {
  const { Detail: detail, EventBusName: bus, Resources: resources, Time: time } = entry;
  const named = isArray(resources) ? resources.filter((resource) => typeof resource === 'string') : [];
  return {
    Source: text(entry['Source']),
    DetailType: text(entry['DetailType']),
    Detail: typeof detail === 'string' ? detail : JSON.stringify(detail ?? {}),
    Resources: execution === undefined ? named : [...named, execution],
    ...(typeof bus === 'string' ? { EventBusName: bus } : {}),
    ...(typeof time === 'number' ? { Time: time } : {}),
  };
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
