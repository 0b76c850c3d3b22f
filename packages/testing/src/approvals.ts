import { timestampOf } from '@statebag/contracts';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import { type Approval, type Decision, decisionAtDeadline, planDecision, type Verdict } from '@statebag/runs';
import type { PlannedWrite } from '@statebag/state-core';

/** A question of the run to a person. */
export interface AskedPerson {
  readonly node: string;
  readonly message: string;
  readonly choices: readonly string[];
  readonly branch: string;
  /** How many results of its branch were applied before it asked: it tells two questions of a loop. */
  readonly loop_counter: number;
}

/** A choice, or all that a person says; null: nobody answers, so the deadline decides. */
export type PersonsAnswer = string | Verdict | null;

/** Who decides: a choice for each node, or a function of the question. */
export type Approve =
  | Readonly<Record<string, PersonsAnswer>>
  | ((question: AskedPerson) => PersonsAnswer | Promise<PersonsAnswer>);

/** What the run is told, what is stored first, and when it is told. */
export interface Decided {
  readonly answer: Answer;
  readonly writes: readonly PlannedWrite[];
  /** Milliseconds since 1970; the past for a person, who answers at once. */
  readonly at: number;
}

/** A decision by the rules of real runs. @throws where the test says nothing, or what cannot be chosen */
export async function decided(
  event: StoreTaskTokenEvent,
  approve: Approve | undefined,
  { message, bucket }: { readonly message: string; readonly bucket: string },
): Promise<Decided> {
  const { request, branch_path, loop_counter, now } = event;
  const { node_id: node, choices } = request;
  const said = await saidTo({ node, message, choices, branch: branch_path, loop_counter }, approve);
  if (said === null) return atDeadline(approvalOf(event));
  const verdict = typeof said === 'string' ? { choice: said } : said;
  if (!choices.includes(verdict.choice))
    throw new Error(
      `approve: ${JSON.stringify(verdict.choice)} is none of ${choices.join(', ')}, which ${node} asks`,
    );
  const { decision, writes } = planDecision(approvalOf(event), verdict, { by: 'test', now, bucket });
  return { answer: decision.answer, writes, at: 0 };
}

async function saidTo(question: AskedPerson, approve: Approve | undefined): Promise<PersonsAnswer> {
  if (typeof approve === 'function') return approve(question);
  const said = approve && Object.hasOwn(approve, question.node) ? approve[question.node] : undefined;
  if (said !== undefined) return said;
  throw new Error(
    `the run asks at ${question.node}: ${JSON.stringify(question.message)}; \`approve\` says nothing for it`,
  );
}

/** An escalation lets the same time pass once more. */
function atDeadline(approval: Approval): Decided {
  const { request, asked_at } = approval;
  const [from, first] = [Date.parse(asked_at), Date.parse(request.deadline)];
  const at = request.on_deadline === 'escalate' ? first + (first - from) : first;
  const decision: Decision = decisionAtDeadline(approval, timestampOf(at));
  return { answer: decision.answer, writes: [], at };
}

function approvalOf({
  task_token: _token,
  now,
  schema_version: _version,
  ...asked
}: StoreTaskTokenEvent): Approval {
  const { branch_path, loop_counter, request } = asked;
  return {
    ...asked,
    approval_id: `${branch_path}#${loop_counter}#${request.node_id}`,
    state: 'OPEN',
    asked_at: now,
    deadline: request.deadline,
    escalated: false,
  };
}
