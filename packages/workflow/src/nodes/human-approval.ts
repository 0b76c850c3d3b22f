import { isJsonObject, StatebagError, timestampOf } from '@statebag/contracts';
import { answerPlace } from './answer-place.ts';
import type { ConfigOf, ConfigRules } from './config-rules.ts';
import { defineNode, type HandOver, type NodeContext, wrote } from './define-node.ts';

const DAY = 86_400;
const DEFAULT_DEADLINE = 14 * DAY;

const rules = {
  message: { kind: 'template', required: true, doc: 'What is to be decided.' },
  choices: { kind: 'names', doc: 'What can be answered; `approve` and `reject` if not given.' },
  deadline_s: {
    kind: 'integer',
    least: 60,
    most: DEFAULT_DEADLINE,
    doc: 'Seconds until it is decided without a person; 14 days if not given.',
  },
  default: { kind: 'text', doc: 'The choice taken at the deadline. Without it the run fails then.' },
  on_deadline: {
    kind: 'choice',
    of: ['fail', 'default', 'escalate'],
    doc: 'What happens at the deadline: `default` takes the default choice (if not given, and there is one), `fail` fails the run, `escalate` sends an event and waits the same time once more, then takes the default or fails.',
  },
  on_reject: {
    kind: 'choice',
    of: ['go_on', 'fail'],
    doc: 'Whether `reject` ends the run; `go_on` if not given, so that a condition can look at the answer.',
  },
} as const satisfies ConfigRules;

/** Waits for a person. */
export const humanApproval = defineNode({
  type: 'human_approval',
  aliases: ['hitp', 'approval'],
  doc: 'Stops until a person decides. The answer, `{ "choice", "comment"?, "by"? }`, is stored in `output_key`; what comes next runs once, after the answer.',
  rules,
  output: 'required',
  pauses: true,
  cost: 'person',
  handsOver: { segment: 'hitp', when: () => true },
  run: async (context, config) => {
    const { choices = ['approve', 'reject'], on_reject } = config;
    if (!context.answer) return question(context, config);
    const answer = context.answer(context.node.id);
    const choice = isJsonObject(answer) ? answer['choice'] : null;
    if (typeof choice !== 'string' || !choices.includes(choice))
      throw new StatebagError('Node.Failed', `the answer is none of ${choices.join(', ')}`);
    if (choice === 'reject' && on_reject === 'fail')
      throw new StatebagError('Node.Failed', 'it was rejected');
    return wrote(context.node, answer, choice);
  },
});

/**
 * Waits for the service five minutes longer than for the person, and never less than an hour: an open task is
 * looked after every minute, and a schedule may be late.
 */
const SHORTEST_TIMEOUT = 3_600;
const AFTER_DEADLINE = 300;

async function question(
  { node, now, evaluator }: NodeContext,
  config: ConfigOf<typeof rules>,
): Promise<HandOver> {
  const {
    deadline_s = DEFAULT_DEADLINE,
    choices = ['approve', 'reject'],
    on_reject = 'go_on',
    default: otherwise = null,
  } = config;
  const on_deadline = config.on_deadline ?? (otherwise === null ? 'fail' : 'default');
  const longest = deadline_s * (on_deadline === 'escalate' ? 2 : 1);
  const wait_until = now + deadline_s * 1_000;
  const message = await evaluator.resolve(config.message);
  return {
    kind: 'hand-over',
    status: 'PAUSED_FOR_HITP',
    wait_until,
    request: {
      kind: 'approval',
      ...answerPlace(node),
      message: typeof message === 'string' ? message : JSON.stringify(message),
      choices: [...choices],
      default: otherwise,
      on_reject,
      on_deadline,
      deadline: timestampOf(wait_until),
      timeout_seconds: Math.max(longest, SHORTEST_TIMEOUT) + AFTER_DEADLINE,
    },
  };
}
