import { type JsonObject, StatebagError } from '@statebag/contracts';
import { type Flow, writesOf } from '../compile/flow.ts';
import { defineNode, type NodeContext, type NodeOutcome } from './define-node.ts';

const EXPECTED_ITERATIONS = 5;
const DECISION_MILLIS = 10;

/** Repeats its body until a condition holds. */
export const loop = defineNode({
  type: 'loop',
  doc: 'Runs its body again and again until `until` is true, at most `max_iterations` times; the body works on the state itself and may hold whatever a workflow may. In it `$index` counts from 0.',
  rules: {
    body: { kind: 'body', required: true, doc: 'Nodes that run once per iteration.' },
    until: { kind: 'expression', required: true, afterBody: true, doc: 'Looked at after each iteration; true ends the loop.' },
    max_iterations: { kind: 'integer', required: true, least: 1, most: 10_000, doc: 'Reaching it with `until` still false fails the run.' },
    expected_iterations: { kind: 'integer', least: 1, doc: 'For planning only: how many are usual; 5 if not given.' },
  },
  output: 'none',
  expectedMillis: ({ body, max_iterations, expected_iterations }, ofBody) =>
    body === undefined ? DECISION_MILLIS : ofBody(body) * Math.min(expected_iterations ?? EXPECTED_ITERATIONS, max_iterations),
  writes: ({ body }) => writesOf(body),
  run: async (context, config) => {
    const { begins_again_at } = context.node;
    if (begins_again_at === undefined) return runClosed(context, config);
    const index = context.resume.item;
    if (await isOver(context, config, { index, written: {} })) return done(index);
    return { kind: 'done', writes: {}, goto: begins_again_at };
  },
});

type Config = { readonly body: Flow; readonly until: string; readonly max_iterations: number };

/** Iteration after iteration in this invocation, as long as time allows. */
async function runClosed(context: NodeContext, config: Config): Promise<NodeOutcome> {
  let slowest = 0;
  for (let index = context.resume.item; ; index += 1) {
    if (index > context.resume.item && context.isShortOf(slowest)) return { kind: 'yield', item: index, progress: null };
    const started = context.clock();
    const { written } = await context.runBody(config.body, { variables: { index }, step: { loop: index } });
    slowest = Math.max(slowest, context.clock() - started);
    if (await isOver(context, config, { index, written })) return done(index);
  }
}

interface Iteration {
  readonly index: number;
  /** What the body wrote in this invocation. */
  readonly written: JsonObject;
}

/** Whether this iteration was the last one. @throws Loop.LimitExceeded when it had to be */
async function isOver(context: NodeContext, { until, max_iterations }: Omit<Config, 'body'>, { index, written }: Iteration): Promise<boolean> {
  if (await context.evaluatorOver(written, { index }).test(until)) return true;
  if (index + 1 >= max_iterations) throw new StatebagError('Loop.LimitExceeded', `${max_iterations} iterations and \`until\` is still false`);
  return false;
}

function done(index: number): NodeOutcome {
  return { kind: 'done', writes: {}, summary: `${index + 1} iterations` };
}
