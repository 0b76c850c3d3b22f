import { StatebagError } from '@statebag/contracts';
import { defineNode } from './define-node.ts';

/** Lets time pass. */
export const wait = defineNode({
  type: 'wait',
  aliases: ['delay'],
  doc: 'Lets time pass, without anything running meanwhile.',
  rules: {
    seconds: { kind: 'integer', least: 1, most: 31_536_000, doc: 'How long.' },
    until: { kind: 'template', doc: 'Until when: a time stamp in UTC. Give this or `seconds`.' },
  },
  output: 'none',
  pauses: true,
  cost: 'time',
  handsOver: { segment: 'wait', when: () => true },
  run: async (context, { seconds, until }) => {
    const isOver = context.resume.item > 0;
    if (context.answer || isOver) return { kind: 'done', writes: {} };
    const due =
      until === undefined
        ? context.now + (seconds ?? 0) * 1_000
        : Date.parse(String(await context.evaluator.resolve(until)));
    if (Number.isNaN(due)) throw new StatebagError('Node.Failed', '`until` is not a time stamp');
    return { kind: 'hand-over', status: 'WAITING', wait_until: due, request: null };
  },
});
