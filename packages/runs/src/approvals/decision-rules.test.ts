import { expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import type { NodeId } from '@statebag/contracts/ids';
import { after, anApproval, aRun } from '../../test/an-approval.ts';
import type { HeldApproval } from './approval.ts';
import { type Proposal, ruleOn, type Waiting } from './decision-rules.ts';
import { decisionAtDeadline, planDecision, type Verdict, verdictHash } from './plan-decision.ts';
import { closed, decided, delivered } from './transitions.ts';

const NOW = after(60);

function proposal({
  choice = 'approve',
  comment,
  data,
  ...more
}: Partial<Proposal & Verdict> = {}): Proposal {
  return {
    execution_id: 'run-1',
    owner_id: 'acme',
    choice,
    now: NOW,
    sha256: verdictHash({ choice, comment, data }),
    ...more,
  };
}

function decidedAs(approval: HeldApproval, verdict: Verdict): HeldApproval {
  return decided(approval, planDecision(approval, verdict, { by: 'ann', now: NOW, bucket: 'b' }).decision);
}

const open = anApproval();
const approved = decidedAs(open, { choice: 'approve' });
const expired = decided(anApproval(), decisionAtDeadline(open, after(3_600)));
const ofNode = (id: string, more: Partial<HeldApproval> = {}) =>
  anApproval({ request: { node_id: id as NodeId } }, more);
const turn = (loop_counter: number, more: Partial<HeldApproval> = {}) =>
  anApproval({ loop_counter, now: after(loop_counter) }, more);

const REFUSED: readonly [string, Partial<Waiting>, Partial<Proposal & Verdict>, string][] = [
  ['a run that nobody knows', { run: undefined, approvals: [] }, {}, 'Run.NotFound'],
  ['a run of somebody else', {}, { owner_id: 'mallory' }, 'Run.NotFound'],
  [
    'an approval of somebody else whose run is not recorded yet',
    { run: undefined },
    { owner_id: 'mallory' },
    'Run.NotFound',
  ],
  ['a cancelled run', { run: aRun({ cancelled_at: NOW, cancelled_by: 'ann' }) }, {}, 'Run.Cancelled'],
  [
    'a cancelled run that was decided before',
    { run: aRun({ cancelled_at: NOW, cancelled_by: 'ann' }), approvals: [approved] },
    {},
    'Run.Cancelled',
  ],
  ['a run that asks nothing yet', { approvals: [] }, {}, 'Approval.NotRequested'],
  ['a node that asks nothing', {}, { node_id: 'other' }, 'Approval.NotRequested'],
  ['a question that was never asked', {}, { approval_id: '#0000000009#ask' }, 'Approval.NotRequested'],
  ['two open questions', { approvals: [ofNode('a'), ofNode('b')] }, {}, 'Approval.Ambiguous'],
  ['a choice that is not offered', {}, { choice: 'perhaps' }, 'Approval.ChoiceUnknown'],
  ['the very deadline', {}, { now: after(3_600) }, 'Approval.Expired'],
  ['a run that has ended', { run: aRun({ status: 'TIMED_OUT', ended_at: NOW }) }, {}, 'Approval.Expired'],
  [
    'a question that ended with its run',
    { approvals: [closed(open, { reason: 'the run ended', at: NOW })] },
    {},
    'Approval.Expired',
  ],
  ['a question that nobody answered in time', { approvals: [expired] }, {}, 'Approval.Expired'],
  [
    'another choice than was recorded',
    { approvals: [approved] },
    { choice: 'reject' },
    'Approval.AlreadyDecided',
  ],
  [
    'the same choice with another comment',
    { approvals: [approved] },
    { comment: 'but' },
    'Approval.AlreadyDecided',
  ],
  [
    'the same choice with other data',
    { approvals: [delivered(approved, NOW)] },
    { data: { n: 1 } },
    'Approval.AlreadyDecided',
  ],
];

test.each(REFUSED)('refuses a decision on %s', (_, waiting, proposed, code) => {
  expect(() => ruleOn({ run: aRun(), approvals: [open], ...waiting }, proposal(proposed))).toThrow(
    expect.objectContaining({ name: code }),
  );
});

const RULED: readonly [string, Partial<Waiting>, Partial<Proposal & Verdict>, string, string][] = [
  ['the one open question', {}, {}, 'record', open.approval_id],
  [
    'the one open question of a run that is not recorded yet',
    { run: undefined },
    {},
    'record',
    open.approval_id,
  ],
  [
    'the named one of two',
    { approvals: [ofNode('a'), ofNode('b')] },
    { node_id: 'b' },
    'record',
    '#0000000004#b',
  ],
  [
    'the open one beside a decided one',
    { approvals: [decidedAs(ofNode('a'), { choice: 'reject' }), ofNode('b')] },
    {},
    'record',
    '#0000000004#b',
  ],
  [
    'the turn of a loop that is open',
    { approvals: [decidedAs(turn(4), { choice: 'approve' }), turn(9)] },
    {},
    'record',
    '#0000000009#ask',
  ],
  ['a last moment', {}, { now: '2026-03-01T08:59:59.999Z' as Timestamp }, 'record', open.approval_id],
  ['the same decision again', { approvals: [approved] }, {}, 'repeat', open.approval_id],
  [
    'the same decision again, after the run ended',
    { run: aRun({ status: 'SUCCEEDED' }), approvals: [delivered(approved, NOW)] },
    {},
    'repeat',
    open.approval_id,
  ],
  [
    'the same decision on the last turn of a loop',
    { approvals: [decidedAs(turn(4), { choice: 'reject' }), decidedAs(turn(9), { choice: 'approve' })] },
    {},
    'repeat',
    '#0000000009#ask',
  ],
  [
    'the named turn of a loop',
    { approvals: [decidedAs(turn(4), { choice: 'approve' }), turn(9)] },
    { approval_id: '#0000000004#ask' },
    'repeat',
    '#0000000004#ask',
  ],
];

test.each(RULED)('takes a decision for %s', (_, waiting, proposed, kind, approval_id) => {
  expect(ruleOn({ run: aRun(), approvals: [open], ...waiting }, proposal(proposed))).toMatchObject({
    kind,
    approval: { approval_id },
  });
});

test('a refusal says who decided what, and when', () => {
  expect(() => ruleOn({ run: aRun(), approvals: [approved] }, proposal({ choice: 'reject' }))).toThrow(
    `decided at ${NOW} by ann: approve`,
  );
});
