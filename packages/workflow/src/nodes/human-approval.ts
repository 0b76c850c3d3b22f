import { isJsonObject, StatebagError } from '@statebag/contracts';
import { defineNode, wrote } from './define-node.ts';

const DAY = 86_400;
const DEFAULT_DEADLINE = 14 * DAY;

/** Waits for a person. */
export const humanApproval = defineNode({
  type: 'human_approval',
  doc: 'Stops until a person decides. The answer, `{ "choice", "comment"?, "by"? }`, is stored in `output_key`; what comes next runs once, after the answer.',
  rules: {
    message: { kind: 'template', required: true, doc: 'What is to be decided.' },
    choices: { kind: 'names', doc: 'What can be answered; `approve` and `reject` if not given.' },
    deadline_s: { kind: 'integer', least: 60, most: DEFAULT_DEADLINE, doc: 'Seconds until it is decided without a person; 14 days if not given.' },
    default: { kind: 'text', doc: 'The choice taken at the deadline. Without it the run fails then.' },
    on_reject: {
      kind: 'choice',
      of: ['go_on', 'fail'],
      doc: 'Whether `reject` ends the run; `go_on` if not given, so that a condition can look at the answer.',
    },
  },
  output: 'required',
  run: async (context, { deadline_s = DEFAULT_DEADLINE, choices = ['approve', 'reject'], on_reject }) => {
    if (!context.answer) return { kind: 'hand-over', status: 'PAUSED_FOR_HITP', wait_until: context.now + deadline_s * 1_000 };
    const answer = context.answer(context.node.id);
    const choice = isJsonObject(answer) ? answer['choice'] : null;
    if (typeof choice !== 'string' || !choices.includes(choice)) throw new StatebagError('Node.Failed', `the answer is none of ${choices.join(', ')}`);
    if (choice === 'reject' && on_reject === 'fail') throw new StatebagError('Node.Failed', 'it was rejected');
    return wrote(context.node, answer, choice);
  },
});
