import type { Vector } from './vector.ts';

/** What a worker answers to the task it has taken. */
export type WorkerAnswer =
  | { readonly kind: 'success'; readonly output: string }
  | { readonly kind: 'failure'; readonly error?: string; readonly cause?: string };

/** How the workers of a vector answer: as its `worker` machine does, read from the state that sends the answer. Undefined: nobody polls. */
export function workerOf({ callback }: Vector): ((input: string) => WorkerAnswer) | undefined {
  if (callback?.answer !== 'activity worker') return undefined;
  const states = Object.values(callback.worker?.States ?? {});
  const failing = states.find(({ Resource }) => Resource?.endsWith('sfn:sendTaskFailure'));
  const sending = failing ?? states.find(({ Resource }) => Resource?.endsWith('sfn:sendTaskSuccess'));
  const field = (name: string, input: string): string | undefined => (`${name}.$` in (sending?.Parameters ?? {}) ? input : sending?.Parameters?.[name]);
  if (!failing) return (input) => ({ kind: 'success', output: field('Output', input) ?? '{}' });
  return (input) => {
    const [error, cause] = [field('Error', input), field('Cause', input)];
    return { kind: 'failure', ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
  };
}

/** The activities that exist before the start. */
export function activitiesOf({ definition, callback }: Vector): readonly string[] {
  if (callback?.note?.includes('deleted')) return [];
  return [...new Set([...JSON.stringify(definition).matchAll(/:activity:([^"]+)"/g)].map(([, name = '']) => name))];
}
