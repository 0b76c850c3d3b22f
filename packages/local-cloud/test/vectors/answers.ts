import type { Callback, Vector } from './vector.ts';

/** How a token is answered: signs of life first, then the end, after a time for each. */
export interface TokenAnswer {
  readonly heartbeats: number;
  readonly delaySeconds: number;
  /** Undefined: nobody says how the task has ended. */
  readonly end:
    | { readonly output: string }
    | { readonly error?: string; readonly cause?: string }
    | undefined;
}

/**
 * How the workers of a vector answer: as its `worker` machine does, read from the states that send something.
 * Undefined: nobody polls.
 */
export function workerOf({ callback }: Vector): ((input: string) => TokenAnswer) | undefined {
  if (callback?.answer !== 'activity worker') return undefined;
  const states = Object.values(callback.worker?.States ?? {});
  const sending = (action: string) => states.find(({ Resource }) => Resource?.endsWith(`sfn:${action}`));
  const [failing, succeeding] = [sending('sendTaskFailure'), sending('sendTaskSuccess')];
  const field = (name: string, input: string): string | undefined => {
    const parameters = (failing ?? succeeding)?.Parameters ?? {};
    return `${name}.$` in parameters ? input : parameters[name];
  };
  const heartbeats = sending('sendTaskHeartbeat') ? 1 : 0;
  return (input) => {
    const signs = { heartbeats, delaySeconds: 0 };
    if (failing) return { ...signs, end: failureOf(field('Error', input), field('Cause', input)) };
    return { ...signs, end: succeeding && { output: field('Output', input) ?? '{}' } };
  };
}

function failureOf(error: string | null | undefined, cause: string | null | undefined): TokenAnswer['end'] {
  return { ...(error ? { error } : {}), ...(cause ? { cause } : {}) };
}

/** How the receiver of a vector's queue answers the token in a message. Undefined: nobody receives. */
export function receiverOf({ callback }: Vector): ((body: unknown) => TokenAnswer) | undefined {
  if (!callback || callback.answer === 'none' || callback.answer === 'activity worker') return undefined;
  const { heartbeats = 0, delay_seconds: delaySeconds = 0 } = callback;
  return (body) => {
    const signs = { heartbeats, delaySeconds };
    if (callback.answer === 'failure') return { ...signs, end: failureOf(callback.error, callback.cause) };
    return { ...signs, end: { output: outputOf(callback, body) } };
  };
}

/** The words in which a vector says what was made of the message. */
function outputOf({ output = '{}' }: Callback, body: unknown): string {
  if (output === 'the whole message body') return JSON.stringify(body);
  const [, member] = /^the message body's \.(\w+)/.exec(output) ?? [];
  if (member === undefined) return output;
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, member) : undefined;
  return JSON.stringify(value ?? null);
}

/** The activities that exist before the start. */
export function activitiesOf({ definition, callback }: Vector): readonly string[] {
  if (callback?.note?.includes('deleted')) return [];
  return namesIn(JSON.stringify(definition), /:activity:([^"]+)"/g);
}

/** The queues that exist before the start. */
export function queuesOf({ definition, input }: Vector): readonly string[] {
  return namesIn(JSON.stringify([definition, input]), /https:\/\/sqs\.[\w.-]+\/\d+\/([\w.-]+)/g);
}

function namesIn(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
}
