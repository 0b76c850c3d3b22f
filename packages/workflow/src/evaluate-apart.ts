/**
 * The process that evaluates what may take long or much: one task after the other, until its parent is
 * gone.
 */
import { isStatebagError, type JsonObject } from '@statebag/contracts';
import type { ApartMessage, ApartTask } from './apart/own-process.ts';
import {
  type Evaluated,
  evaluateWithin,
  surroundings,
  type Variables,
} from './expressions/bounded-evaluation.ts';
import { ROOM_APART } from './expressions/expression-limits.ts';
import type { FixedPlace } from './expressions/fixed-functions.ts';
import { parseExpression } from './expressions/parse-expression.ts';

type ExpressionTask = {
  readonly source: string;
  readonly view: JsonObject;
  readonly variables: Variables;
  readonly place: FixedPlace;
  readonly showsValues: boolean;
  readonly calls: number;
};

const TASKS = {
  // the module that asks, and this one, are of the same release
  expression: (task: ApartTask) => evaluate(task as unknown as ExpressionTask),
  schema: (task: ApartTask) => checkAnswer(task as unknown as SchemaTask),
} as const satisfies Record<ApartTask['kind'], (task: ApartTask) => Promise<unknown>>;

process.on('disconnect', () => process.exit());
process.on('message', (task: ApartTask) => void answer(task));
say({ kind: 'ready' });

async function answer(task: ApartTask): Promise<void> {
  try {
    say({ kind: 'done', result: await TASKS[task.kind](task) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say({ kind: 'failed', name: isStatebagError(error) ? error.name : null, message });
  }
}

function say(message: ApartMessage): void {
  process.send?.(message);
}

async function evaluate({ source, calls, ...seen }: ExpressionTask): Promise<Evaluated> {
  const around = surroundings(seen, calls);
  const value = await evaluateWithin(ROOM_APART, parseExpression(source), around);
  return { value, calls: around.row.calls };
}

type SchemaTask = { readonly text: string; readonly schema: JsonObject };

async function checkAnswer({ text, schema }: SchemaTask): Promise<unknown> {
  const { checkToTheEnd } = await import('./providers/bounded-check.ts');
  return checkToTheEnd(text, schema);
}
