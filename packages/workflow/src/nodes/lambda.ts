import { type Json, StatebagError } from '@statebag/contracts';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import type { Variables } from '../expressions/bounded-evaluation.ts';
import { hiddenIn, hiddenJson, reveal, shownOf } from '../secrets/reveal.ts';
import { secretsIn } from '../secrets/secret-references.ts';
import { defineNode, wrote } from './define-node.ts';
import { RETRY_RULE } from './retry.ts';

const EXPECTED_MILLIS = 2_000;
const DEFAULT_TIMEOUT_MS = 60_000;

/** Calls a function that already exists. */
export const lambda = defineNode({
  type: 'lambda',
  doc: 'Calls an existing Lambda function and stores its reply. It gets `payload`, or exactly the fields the node reads.',
  rules: {
    function_arn: { kind: 'text', required: true, doc: 'ARN of the function, with or without version.' },
    payload: {
      kind: 'value',
      secrets: true,
      doc: "The event. Without it the fields named in `reads`. May hold `{{ $secret('name') }}`.",
    },
    timeout_ms: { kind: 'integer', least: 100, most: 840_000, doc: 'Longest wait; 60,000 if not given.' },
    on_unknown: {
      kind: 'choice',
      of: ['fail', 'retry'],
      doc: 'When an earlier attempt began the call and its outcome is unknown: `fail` if not given; `retry` where repeating is harmless.',
    },
    retry: RETRY_RULE,
    expected_ms: { kind: 'integer', least: 1, doc: 'For planning only; 2,000 if not given.' },
  },
  output: 'required',
  outsideCall: true,
  sendsView: true,
  expectedMillis: ({ expected_ms }) => expected_ms ?? EXPECTED_MILLIS,
  run: async (context, { function_arn, payload, timeout_ms = DEFAULT_TIMEOUT_MS, on_unknown = 'fail' }) => {
    const { invoke } = context;
    if (!invoke) throw new StatebagError('Node.Failed', 'this deployment cannot call functions');
    const request = {
      secrets: secretsIn(payload ?? null),
      evaluate: (variables: Variables): Promise<Json> =>
        context.evaluatorOver({}, variables).resolve(payload ?? null),
    };
    const shown: Json = payload === undefined ? context.view() : await shownOf(request);
    const { reply } = await context.call({
      input: { function_arn, event: shown },
      unsafe: on_unknown,
      perform: async (key) => {
        const { sent, hide } = await reveal(request, shown, context.secret);
        const answer = await invoke({
          function_arn,
          event: sent,
          timeout_ms: context.timeLeft(timeout_ms),
          idempotency_key: key,
        }).catch(hiddenIn(hide));
        return { result: { reply: hiddenJson(answer, hide) }, usage: NO_USAGE };
      },
    });
    return wrote(context.node, reply ?? null);
  },
});
