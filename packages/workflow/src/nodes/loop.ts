import { StatebagError } from '@statebag/contracts';
import { writesOf } from '../compile/flow.ts';
import { defineNode } from './define-node.ts';

const EXPECTED_ITERATIONS = 5;

/** Repeats its body until a condition holds. */
export const loop = defineNode({
  type: 'loop',
  doc: 'Runs its body again and again until `until` is true, at most `max_iterations` times; the body works on the state itself. In it `$index` counts from 0.',
  rules: {
    body: { kind: 'body', required: true, doc: 'Nodes that run once per iteration.' },
    until: { kind: 'expression', required: true, afterBody: true, doc: 'Looked at after each iteration; true ends the loop.' },
    max_iterations: { kind: 'integer', required: true, least: 1, most: 1_000, doc: 'Reaching it with `until` still false fails the run.' },
    expected_iterations: { kind: 'integer', least: 1, doc: 'For planning only: how many are usual; 5 if not given.' },
  },
  output: 'none',
  expectedMillis: ({ body, max_iterations, expected_iterations }, ofBody) =>
    ofBody(body) * Math.min(expected_iterations ?? EXPECTED_ITERATIONS, max_iterations),
  writes: ({ body }) => writesOf(body),
  run: async (context, { body, until, max_iterations }) => {
    let slowest = 0;
    for (let index = context.resume.item; index < max_iterations; index += 1) {
      if (index > context.resume.item && context.isShortOf(slowest)) return { kind: 'yield', item: index, progress: null };
      const started = context.clock();
      const { written } = await context.runBody(body, { variables: { index }, step: { loop: index } });
      slowest = Math.max(slowest, context.clock() - started);
      if (await context.evaluatorOver(written, { index }).test(until)) return { kind: 'done', writes: {}, summary: `${index + 1} iterations` };
    }
    throw new StatebagError('Loop.LimitExceeded', `${max_iterations} iterations and \`until\` is still false`);
  },
});
