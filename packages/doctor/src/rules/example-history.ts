import type { Json, JsonObject } from '@statebag/contracts';

/** One event for an example: its kind, and the details that matter. */
export type Step = readonly [type: string, details?: JsonObject];

/** Events of an example: each follows from the one before it. */
export function story(steps: readonly Step[]): { events: readonly JsonObject[] } {
  return {
    events: steps.map(([type, details = {}], index) => ({
      timestamp: 1_767_225_600 + index,
      type,
      id: index + 1,
      previousEventId: index,
      [`${detailsName(type)}EventDetails`]: details,
    })),
  };
}

const detailsName = (type: string): string => {
  const [, group] = /State(Entered|Exited)$/.exec(type) ?? [];
  if (group) return `state${group}`;
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
};

export const started = (input: Json = {}): Step => ['ExecutionStarted', { input: JSON.stringify(input) }];
export const entered = (type: string, name: string, input: Json = {}): Step => [
  `${type}StateEntered`,
  { name, input: JSON.stringify(input) },
];
export const exited = (type: string, name: string, output: Json = {}): Step => [
  `${type}StateExited`,
  { name, output: JSON.stringify(output) },
];
const CALLED = { resourceType: 'lambda', resource: 'invoke' };
export const scheduled = (parameters: Json = {}, more: JsonObject = CALLED): Step => [
  'TaskScheduled',
  { ...more, parameters: JSON.stringify(parameters) },
];
export const succeeded = (output: Json): Step => [
  'TaskSucceeded',
  { ...CALLED, output: JSON.stringify(output) },
];
export const failed = (error: string, cause = ''): Step => ['TaskFailed', { ...CALLED, error, cause }];
export const executionFailed = (error: string, cause = ''): Step => ['ExecutionFailed', { error, cause }];
export const executionSucceeded = (output: Json = {}): Step => [
  'ExecutionSucceeded',
  { output: JSON.stringify(output) },
];
