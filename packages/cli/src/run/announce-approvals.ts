import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionId } from '@statebag/contracts/ids';
import type { Approval } from '@statebag/runs';
import { callApi } from '../cloud/call-api.ts';
import type { OpenApp } from '../cloud/open-app.ts';
import { commandLine } from '../render/command-line.ts';
import type { Decisions } from './decisions.ts';

/** Looking every second is enough for a person; an answer that was given beforehand shall not wait. */
const LOOK_EVERY_MS = { person: 1_000, beforehand: 100 } as const;

export interface Announcing {
  readonly run: string;
  readonly dataDir: string;
  readonly decisions: Decisions;
  readonly say: (text: string) => void;
  /** What happens where a question was not answered beforehand, in the place of saying it. */
  readonly unanswered?: (node: string) => void;
}

type Asked = Pick<OpenApp, 'runs' | 'lambda'>;

/**
 * Does some work and meanwhile says each question of a run once, as it is asked, and how to answer it; or
 * answers it where that was decided beforehand. What fails to look ends the work.
 */
export async function whileAnnouncing<Result>(
  app: Asked,
  announced: Announcing,
  work: Promise<Result>,
): Promise<Result> {
  const ended = new AbortController();
  const announcing = announce(app, announced, ended.signal);
  try {
    return await Promise.race([work, announcing.then(() => work)]);
  } finally {
    ended.abort();
    await announcing;
  }
}

async function announce(app: Asked, announced: Announcing, signal: AbortSignal): Promise<void> {
  const said = new Set<string>();
  const every = LOOK_EVERY_MS[announced.decisions.none ? 'person' : 'beforehand'];
  // most runs ask nothing, and many end before
  await pause(every, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    const approvals = await app.runs.listApprovals(announced.run as ExecutionId); // it is one that was started
    for (const approval of approvals.toSorted(byTime)) {
      const turn = `${approval.approval_id} ${approval.asked_at}`;
      if (approval.state !== 'OPEN' || said.has(turn)) continue;
      said.add(turn);
      await sayOrAnswer(app, approval, announced);
    }
    // aborted: the loop ends by itself
    await pause(every, undefined, { signal }).catch(() => undefined);
  }
}

function byTime(left: Approval, right: Approval): number {
  return left.asked_at.localeCompare(right.asked_at);
}

async function sayOrAnswer(
  app: Asked,
  approval: Approval,
  { dataDir, decisions, say, unanswered }: Announcing,
): Promise<void> {
  const { approval_id, execution_id } = approval;
  const { node_id } = approval.request;
  const choice = decisions.next(node_id);
  if (choice === undefined) return unanswered ? unanswered(node_id) : say(questionText(approval, dataDir));
  const route = `POST /runs/${encodeURIComponent(execution_id)}/approve` as const;
  await callApi(app, route, { node_id, approval_id, choice, comment: 'decided beforehand with --decide' });
  say(`${node_id}: ${choice}, as --decide says\n`);
}

/** What is asked, until when, and the commands that answer it. */
export function questionText({ execution_id, request, deadline }: Approval, dataDir: string): string {
  const { node_id, message, choices } = request;
  const shown = () => commandLine(['approvals', execution_id], dataDir);
  const text = typeof message === 'string' ? message : `a long text: ${shown()} shows it`;
  const answers = choices.map((choice) => {
    const other = PLAIN.has(choice) ? [] : ['--choice', choice];
    return `  ${commandLine([answerOf(choice), execution_id, '--node', node_id, ...other], dataDir)}`;
  });
  return `${node_id} waits for a person until ${deadline}: ${text}\n${answers.join('\n')}\n`;
}

const PLAIN: ReadonlySet<string> = new Set(['approve', 'reject']);

function answerOf(choice: string): string {
  return choice === 'reject' ? 'reject' : 'approve';
}
