import { type JsonObject, StatebagError } from '@statebag/contracts';
import { defineNode, type NodeContext, type NodeOutcome } from './define-node.ts';
import { type Flow, writesOf } from './flow.ts';

const EXPECTED_ITERATIONS = 5;
const DECISION_MILLIS = 10;

/** Repeats its body until a condition holds. */
export const loop = defineNode({
  type: 'loop',
  doc: 'Runs its body again and again until `until` is true, at most `max_iterations` times; the body works on the state itself and may hold whatever a workflow may. In it `$index` counts from 0.',
  rules: {
    body: { kind: 'body', required: true, doc: 'Nodes that run once per iteration.' },
    until: {
      kind: 'expression',
      required: true,
      afterBody: true,
      doc: 'Looked at after each iteration; true ends the loop.',
    },
    max_iterations: {
      kind: 'integer',
      required: true,
      least: 1,
      most: 10_000,
      doc: 'How often the body runs at most; see `at_limit`.',
    },
    at_limit: {
      kind: 'choice',
      of: ['fail', 'keep'],
      doc: 'What happens where `max_iterations` is reached with `until` still false: `fail`, if not given, fails the run; `keep` ends the loop and keeps what the body wrote last.',
    },
    expected_iterations: {
      kind: 'integer',
      least: 1,
      doc: 'For planning only: how many are usual; 5 if not given.',
    },
  },
  output: 'none',
  opensUp: true,
  cost: 'turns',
  expectedMillis: ({ body, max_iterations, expected_iterations }, ofBody) =>
    body === undefined
      ? DECISION_MILLIS
      : ofBody(body) * Math.min(expected_iterations ?? EXPECTED_ITERATIONS, max_iterations),
  mayWrite: ({ body }) => (body === undefined ? [] : writesOf(body)), // laid open, it only decides
  mostTurns: ({ max_iterations }) => max_iterations,
  run: async (context, config) => {
    const { begins_again_at } = context.node;
    if (begins_again_at === undefined) return runClosed(context, config);
    const index = context.resume.item;
    const end = await endOf(context, config, { index, written: {} });
    if (end) return done(index, end);
    return { kind: 'done', writes: {}, goto: begins_again_at };
  },
});

type Config = {
  readonly body: Flow;
  readonly until: string;
  readonly max_iterations: number;
  readonly at_limit?: 'fail' | 'keep';
};

/** Why no iteration follows. */
type LoopEnd = 'over' | 'at its limit';

/** Iteration after iteration in this invocation, as long as time allows. */
async function runClosed(context: NodeContext, config: Config): Promise<NodeOutcome> {
  let slowest = 0;
  for (let index = context.resume.item; ; index += 1) {
    if (index > context.resume.item && context.isShortOf(slowest, index))
      return { kind: 'yield', item: index, progress: null };
    const started = context.clock();
    const { written } = await context.runBody(config.body, { variables: { index }, step: { loop: index } });
    slowest = Math.max(slowest, context.clock() - started);
    const end = await endOf(context, config, { index, written });
    if (end) return done(index, end);
  }
}

interface Iteration {
  readonly index: number;
  /** What the body wrote in this invocation. */
  readonly written: JsonObject;
}

/**
 * Why this iteration was the last one; null where it was not. @throws Loop.LimitExceeded when it had to be
 */
async function endOf(
  context: NodeContext,
  { until, max_iterations, at_limit = 'fail' }: Omit<Config, 'body'>,
  { index, written }: Iteration,
): Promise<LoopEnd | null> {
  if (await context.evaluatorOver(written, { index }).test(until)) return 'over';
  if (index + 1 < max_iterations) return null;
  if (at_limit === 'keep') return 'at its limit';
  throw new StatebagError('Loop.LimitExceeded', `${max_iterations} iterations and \`until\` is still false`);
}

function done(index: number, end: LoopEnd): NodeOutcome {
  const summary = `${index + 1} iterations${end === 'over' ? '' : ', the limit'}`;
  return { kind: 'done', writes: {}, summary };
}
