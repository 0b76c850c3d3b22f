import { randomUUID } from 'node:crypto';
import type { FunctionBehaviour } from './vector.ts';

/**
 * The functions of one vector behind Lambda's Invoke. `wait` is how a sleeping function sleeps, so that time
 * can be virtual.
 */
export interface FunctionWorld {
  readonly wait: (seconds: number) => Promise<void>;
  readonly notFound: (name: string) => Error;
}

interface Answer {
  readonly payload: string;
  readonly functionError?: 'Unhandled';
}

/** Calls the function that `name` (a name or an ARN) names. */
export async function callFunction(
  behaviour: FunctionBehaviour | null,
  call: { readonly name: string; readonly payload: string },
  world: FunctionWorld,
): Promise<Answer> {
  const called = functionsOf(behaviour).find(({ name, arn }) =>
    [name, arn, `${arn}:$LATEST`].includes(call.name),
  );
  if (!called) throw world.notFound(call.name);
  if (called.kind === 'sleep-echo') await world.wait(called.seconds);
  return answerOf(called, call.payload);
}

type SingleFunction = Exclude<FunctionBehaviour, { kind: 'many' }>;

function functionsOf(behaviour: FunctionBehaviour | null): readonly SingleFunction[] {
  if (behaviour === null) return [];
  return behaviour.kind === 'many' ? behaviour.functions.flatMap(functionsOf) : [behaviour];
}

function answerOf(called: SingleFunction, payload: string): Answer {
  switch (called.kind) {
    case 'echo':
    case 'sleep-echo':
      return { payload };
    case 'const':
      return { payload: JSON.stringify(called.value) };
    case 'repeat':
      return { payload: JSON.stringify(called.char.repeat(called.count)) };
    case 'raise':
      return { payload: errorDocument(called), functionError: 'Unhandled' };
    default:
      return called satisfies never;
  }
}

/** The document of a Python function, in its spacing. */
function errorDocument({ errorType, errorMessage }: Extract<SingleFunction, { kind: 'raise' }>): string {
  const members = {
    errorMessage,
    errorType,
    requestId: randomUUID(),
    stackTrace: [
      `  File "/var/task/handler.py", line 2, in handler\n    raise ${errorType}("${errorMessage}")\n`,
    ],
  };
  const parts = Object.entries(members).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{${parts.join(', ')}}`;
}
