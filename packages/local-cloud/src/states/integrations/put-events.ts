import type { BusEntry } from '../../ports.ts';
import { isArray, isObject, type Json, type JsonObject } from '../language/json.ts';
import type { Integration } from './integration.ts';
import { sdkMetadata } from './sdk-metadata.ts';

/** `arn:aws:states:::events:putEvents`: `Detail` may be an object, and the execution is named among the resources. */
export const PUT_EVENTS: Integration = {
  errors: { prefix: 'EventBridge', service: 'AmazonEventBridge', base: 'AmazonEventBridgeException' },
  patterns: ['request', 'callback'],
  lint(task) {
    const parameters = task.object('Parameters');
    if (!parameters?.has('Entries') && !parameters?.has('Entries.$')) task.report("The field 'Entries' is required", { field: 'Parameters' });
  },
  async call({ host, parameters, task }) {
    const entries = isObject(parameters) && isArray(parameters['Entries']) ? parameters['Entries'] : [];
    const execution = host.findExecution(task.execution)?.arn;
    const put = await host.bus.put(entries.filter(isObject).map((entry) => busEntry(entry, execution)));
    const answer = { Entries: put.map(({ EventId }) => ({ EventId })), FailedEntryCount: 0 };
    return { ...answer, ...sdkMetadata(JSON.stringify(answer)) };
  },
};

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
