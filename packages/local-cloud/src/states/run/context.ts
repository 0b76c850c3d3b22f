import type { MapItem } from '../definition/program.ts';
import type { Json } from '../language/json.ts';
import type { Frame } from './frame.ts';

const RETRYING: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);

/** The context object that `$$` stands for in the state a frame is at. `extra` is what only one place of the state sees. */
export function contextOf(frame: Frame, { token, item = nearestItem(frame) }: { token?: string; item?: MapItem | undefined } = {}): Json {
  const { record } = frame.run;
  const { state } = frame;
  return {
    Execution: {
      Id: record.arn,
      Input: record.input.value,
      StartTime: new Date(record.startedAt).toISOString(),
      Name: record.name,
      RoleArn: record.roleArn,
      ...(record.express ? {} : { RedriveCount: record.redriveCount }),
    },
    StateMachine: { Id: record.machineArn, Name: record.machineName },
    State: {
      Name: state.name,
      EnteredTime: new Date(frame.enteredAt).toISOString(),
      ...(RETRYING.has(state.type) ? { RetryCount: frame.retryCount } : {}),
    },
    ...(item ? { Map: { Item: { Index: item.index, Value: item.value } } } : {}),
    ...(token === undefined ? {} : { Task: { Token: token } }),
  };
}

function nearestItem(frame: Frame): MapItem | undefined {
  for (let at: Frame | undefined = frame; at; at = at.parent) if (at.item) return at.item;
  return undefined;
}
