import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionId } from '@statebag/contracts';
import type { Approval, Runs } from '@statebag/runs';

const LOOK_EVERY_MS = 1_000;

export interface Announcing {
  readonly run: string;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Says each question of a run once, as it is asked, and how to answer it. */
export async function announceApprovals(runs: Runs, { run, signal, say }: Announcing): Promise<void> {
  const said = new Set<string>();
  await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // most runs ask nothing, and many end before
  while (!signal.aborted) {
    for (const approval of await runs.listApprovals(run as ExecutionId)) {
      const turn = `${approval.approval_id} ${approval.asked_at}`;
      if (approval.state !== 'OPEN' || said.has(turn)) continue;
      said.add(turn);
      say(questionText(approval));
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends by itself
  }
}

/** What is asked, until when, and the commands that answer it. */
export function questionText({ execution_id, request, deadline }: Approval): string {
  const { node_id, message, choices } = request;
  const text = typeof message === 'string' ? message : 'a long text: statebag approvals shows it';
  const answers = choices.map(
    (choice) => `  statebag ${answerOf(choice)} ${execution_id} --node ${node_id}${PLAIN.has(choice) ? '' : ` --choice ${JSON.stringify(choice)}`}`,
  );
  return `${node_id} waits for a person until ${deadline}: ${text}\n${answers.join('\n')}\n`;
}

const PLAIN: ReadonlySet<string> = new Set(['approve', 'reject']);

function answerOf(choice: string): string {
  return choice === 'reject' ? 'reject' : 'approve';
}
