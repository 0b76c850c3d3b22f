import { type Json, StatebagError } from '@statebag/contracts';
import { NO_USAGE } from '@statebag/state-core';
import { defineNode, wrote } from './define-node.ts';

const EXPECTED_MILLIS = 2_000;
const DEFAULT_TIMEOUT_MS = 60_000;

/** Calls a function that already exists. */
export const lambda = defineNode({
  type: 'lambda',
  doc: 'Calls an existing Lambda function and stores its reply. It gets `payload`, or exactly the fields the node reads.',
  rules: {
    function_arn: { kind: 'text', required: true, doc: 'ARN of the function, with or without version.' },
    payload: { kind: 'value', doc: 'The event. Without it the fields named in `reads`.' },
    timeout_ms: { kind: 'integer', least: 100, most: 840_000, doc: 'Longest wait; 60,000 if not given.' },
    on_unknown: {
      kind: 'choice',
      of: ['fail', 'retry'],
      doc: 'When an earlier attempt began the call and its outcome is unknown: `fail` if not given; `retry` where repeating is harmless.',
    },
    expected_ms: { kind: 'integer', least: 1, doc: 'For planning only; 2,000 if not given.' },
  },
  output: 'required',
  outsideCall: true,
  expectedMillis: ({ expected_ms }) => expected_ms ?? EXPECTED_MILLIS,
  run: async (context, { function_arn, payload, timeout_ms = DEFAULT_TIMEOUT_MS, on_unknown = 'fail' }) => {
    const { invoke } = context;
    if (!invoke) throw new StatebagError('Node.Failed', 'this deployment cannot call functions');
    const event: Json = payload === undefined ? context.view() : await context.evaluator.resolve(payload);
    const { reply } = await context.call({
      input: { function_arn, event },
      unsafe: on_unknown,
      perform: async (key) => ({
        result: { reply: await invoke({ function_arn, event, timeout_ms: context.timeLeft(timeout_ms), idempotency_key: key }) },
        usage: NO_USAGE,
      }),
    });
    return wrote(context.node, reply ?? null);
  },
});
