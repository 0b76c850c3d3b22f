import { StatebagError, type Timestamp } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import type { Answer } from '@statebag/contracts/schemas/answer';
import {
  approvalId,
  approvalKey,
  BY_DUE,
  expiresAfter,
  OPEN_PARTITIONS,
  openPartition,
} from '../item-keys.ts';
import { everyItem, type Item, type ItemKey, type RunsTable } from '../runs-table.ts';
import { type Approval, type Decision, type HeldApproval, type Question, shownApproval } from './approval.ts';
import { asked, closed, decided, delivered } from './transitions.ts';

export interface DuePage {
  readonly approvals: readonly HeldApproval[];
  /** Asks for those due after these. */
  readonly next?: DuePosition | undefined;
}

/** Where each partition that has more of them goes on. */
export type DuePosition = Readonly<Record<string, Item>>;

/** The record of who was asked what, and what they decided. */
export interface ApprovalRecords {
  /**
   * Keeps the token of a run that waits. What is given back may hold a decision already: it is to be
   * delivered.
   */
  openApproval(question: Question): Promise<HeldApproval>;
  /** All that a run ever asked, without tokens. */
  listApprovals(execution_id: ExecutionId): Promise<readonly Approval[]>;
  /** The same with their tokens. */
  heldApprovals(execution_id: ExecutionId): Promise<readonly HeldApproval[]>;
  /** Records a decision on an approval as it was read; nothing where it has changed since. */
  recordDecision(approval: HeldApproval, decision: Decision): Promise<HeldApproval | undefined>;
  markDelivered(approval: HeldApproval, at: Timestamp): Promise<void>;
  /** Writes an approval that a beat has moved on; false where it has changed since. */
  keepApproval(approval: HeldApproval): Promise<HeldApproval | undefined>;
  /** Ends what a run that ended then still asked. */
  closeApprovals(
    execution_id: ExecutionId,
    ending: { readonly reason: string; readonly at: Timestamp },
  ): Promise<void>;
  /**
   * Those that somebody has to look after by now, about `limit` of them: of every partition as many, longest
   * due first.
   */
  dueApprovals(page: {
    readonly now: Timestamp;
    readonly limit: number;
    readonly after?: DuePosition | undefined;
  }): Promise<DuePage>;
}

export function approvalRecords(table: RunsTable): ApprovalRecords {
  const heldApprovals = (execution_id: ExecutionId) => readAll(table, execution_id);
  const keepApproval = (approval: HeldApproval) => keep(table, approval);
  return {
    heldApprovals,
    keepApproval,
    listApprovals: async (execution_id) => (await heldApprovals(execution_id)).map(shownApproval),
    openApproval: (question) =>
      changed(table, { ...question, node_id: question.request.node_id }, (previous) =>
        asked(previous, question),
      ),
    recordDecision: (approval, decision) => keep(table, decided(approval, decision)),
    async markDelivered(approval, at) {
      const { node_id } = approval.request;
      await changed(table, { ...approval, node_id }, (now) =>
        now?.state === 'RECORDED' ? delivered(now, at) : now,
      );
    },
    async closeApprovals(execution_id, ending) {
      for (const { request, ...approval } of await heldApprovals(execution_id)) {
        await changed(table, { ...approval, node_id: request.node_id }, (now) => now && closed(now, ending));
      }
    },
    dueApprovals: (page) => readDue(table, page),
  };
}

/** Writes it over the revision it was made from. */
async function keep(table: RunsTable, approval: HeldApproval): Promise<HeldApproval | undefined> {
  const { revision } = approval;
  const next = { ...approval, revision: revision + 1 };
  const condition = revision === 0 ? 'attribute_not_exists(pk)' : 'revision = :revision';
  return (await table.put(approvalItem(next), {
    condition,
    ...(revision > 0 && { values: { ':revision': revision } }),
  }))
    ? next
    : undefined;
}

interface Place {
  readonly execution_id: ExecutionId;
  readonly branch_path: string;
  readonly loop_counter: number;
  readonly node_id: string;
}

/** Writers of one approval are few: a person, a beat, the run itself. */
const TRIES = 10;

/**
 * Applies a transition to the approval as it is, however often it changes meanwhile. The same one back
 * changes nothing.
 */
async function changed<Next extends HeldApproval | undefined>(
  table: RunsTable,
  place: Place,
  transition: (approval: HeldApproval | undefined) => Next,
): Promise<Next> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const item = await table.get(approvalKey(place.execution_id, approvalId(place)));
    const previous = item && approvalOf(item);
    const next = transition(previous);
    if (next === undefined || next === previous) return next;
    const kept = await keep(table, next);
    if (kept) return kept as Next; // the same approval, one revision on
  }
  throw new StatebagError(
    'Store.Unavailable',
    `approval ${approvalId(place)} of run ${place.execution_id} kept changing`,
  );
}

async function readAll(table: RunsTable, execution_id: ExecutionId): Promise<readonly HeldApproval[]> {
  const { pk, sk } = approvalKey(execution_id, '');
  const items = await everyItem(table, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
    ConsistentRead: true,
    values: { ':pk': pk, ':sk': sk },
  });
  return items.map(approvalOf);
}

async function readDue(
  table: RunsTable,
  { now, limit, after }: Parameters<ApprovalRecords['dueApprovals']>[0],
): Promise<DuePage> {
  const asked = after ? Object.keys(after) : OPEN_PARTITIONS;
  const pages = await Promise.all(
    asked.map((partition) =>
      table.query({
        IndexName: BY_DUE,
        KeyConditionExpression: 'gsi2pk = :open AND gsi2sk <= :now',
        Limit: Math.ceil(limit / asked.length),
        values: { ':open': partition, ':now': now },
        ...(after && { after: after[partition] }),
      }),
    ),
  );
  const items = pages.flatMap((page) => page.items);
  const next = Object.fromEntries(
    asked.flatMap((partition, place) => (pages[place]?.last ? [[partition, pages[place].last]] : [])),
  );
  const read = await Promise.all(items.map(({ pk, sk }) => table.get({ pk: String(pk), sk: String(sk) })));
  const approvals = read
    .flatMap((item) => (item ? [approvalOf(item)] : []))
    .filter(({ due_at }) => due_at !== undefined && due_at <= now);
  return { approvals, next: Object.keys(next).length > 0 ? next : undefined };
}

const TABLE_ATTRIBUTES = new Set(['pk', 'sk', 'gsi2pk', 'gsi2sk', 'expires_at']);

/**
 * An approval as an item. The answer is kept as its text: a person's data may hold numbers that DynamoDB
 * cannot.
 */
export function approvalItem({ decision, ...approval }: HeldApproval): Item & ItemKey {
  return {
    ...approvalKey(approval.execution_id, approval.approval_id),
    ...approval,
    ...(decision && { decision: { ...decision, answer: JSON.stringify(decision.answer) } }),
    ...(approval.due_at !== undefined && {
      gsi2pk: openPartition(approval.execution_id),
      gsi2sk: approval.due_at,
    }),
    expires_at: expiresAfter(approval.deadline),
  };
}

/** The approval of an item that `approvalItem` wrote. */
export function approvalOf(item: Item): HeldApproval {
  const { decision, ...kept } = Object.fromEntries(
    Object.entries(item).filter(([name]) => !TABLE_ATTRIBUTES.has(name)),
  );
  const approval = kept as unknown as HeldApproval; // only this package writes these items
  return decision === undefined ? approval : { ...approval, decision: decisionOf(decision as DecisionItem) };
}

type DecisionItem = Omit<Decision, 'answer'> & { readonly answer: string };

function decisionOf({ answer, ...decision }: DecisionItem): Decision {
  return { ...decision, answer: JSON.parse(answer) as Answer }; // as `approvalItem` wrote it
}
