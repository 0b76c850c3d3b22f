import type {
  ApprovalList,
  ApprovalView,
  DecisionBody,
  DecisionReply,
} from '@statebag/contracts/schemas/api';
import { callApi } from '../cloud/call-api.ts';
import { type OpenOptions, openApp, requireDataDir } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';
import { table } from '../render/amounts.ts';
import { commandLine } from '../render/command-line.ts';
import { loadJson } from '../run/load-files.ts';

export interface ApprovalsOptions extends OpenOptions {
  readonly json?: boolean;
}

/** `statebag approvals`: what a run asks and asked, who decided what, and when. */
export async function approvals(run: string, options: ApprovalsOptions): Promise<number> {
  requireDataDir(options.dataDir);
  const app = await openApp(options);
  try {
    const list = await callApi<ApprovalList>(app, `GET /runs/${encodeURIComponent(run)}/approvals`);
    process.stdout.write(
      options.json === true ? `${JSON.stringify(list, null, 2)}\n` : approvalsText(list.approvals),
    );
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

export interface DecideOptions extends ApprovalsOptions {
  readonly node?: string;
  readonly approval?: string;
  readonly choice?: string;
  readonly comment?: string;
  readonly data?: string;
}

/** `statebag approve` and `reject`: a person's decision, through the deployed API. */
export async function decide(
  verdict: 'approve' | 'reject',
  run: string,
  options: DecideOptions,
): Promise<number> {
  requireDataDir(options.dataDir);
  const body = await bodyOf(options);
  const app = await openApp(options);
  try {
    const reply = await callApi<DecisionReply>(app, `POST /runs/${encodeURIComponent(run)}/${verdict}`, body);
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(reply)}\n`
        : replyText(run, reply, app.attached ? null : options.dataDir),
    );
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

/** The body of the request; the API checks the grammar of ids and choice. */
async function bodyOf({ node, approval, choice, comment, data }: DecideOptions): Promise<object> {
  const given = { node_id: node, approval_id: approval, choice, comment } as Partial<DecisionBody>;
  if (data === undefined) return given;
  return { ...given, data: await loadJson(data) };
}

/** `idleDir` is the data directory if no process runs what is in it. */
function replyText(
  run: string,
  { repeated, outcome, approval }: DecisionReply,
  idleDir: string | null,
): string {
  const { node_id, decision } = approval;
  const recorded = repeated ? ' (recorded before)' : '';
  const told = outcome === 'delivered' ? 'the run was told' : 'the run will be told as soon as it can be';
  const next = idleDir === null ? '' : `go on with: ${commandLine(['resume', run], idleDir)}\n`;
  const decided = `${decision?.choice} by ${decision?.by} at ${decision?.decided_at}${recorded}`;
  return `${node_id}: ${decided}; ${told}\n${next}`;
}

/** Approvals for a reader: a line each, oldest first. */
function approvalsText(list: readonly ApprovalView[]): string {
  if (list.length === 0) return 'no approvals: the run has not asked anybody\n';
  const oldestFirst = list.toSorted((left, right) => left.asked_at.localeCompare(right.asked_at));
  return `${table(oldestFirst.map(rowOf))}\n`;
}

function rowOf(approval: ApprovalView): string[] {
  const { node_id, state, asked_at, decision } = approval;
  const head = [node_id, state, asked_at];
  if (!decision) {
    const open = `until ${approval.deadline}: ${approval.choices.join(' | ')}`;
    return [...head, approval.closed_reason ?? open, approval.message];
  }
  const decided = decision.choice ?? 'nobody answered';
  return [
    ...head,
    `${decided} by ${decision.by ?? 'the deadline'} at ${decision.decided_at}`,
    decision.comment ?? '',
  ];
}
