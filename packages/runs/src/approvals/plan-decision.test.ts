import { expect, test } from '@jest/globals';
import { BUDGET } from '@statebag/contracts/limits';
import { validateAnswer } from '@statebag/contracts/validators';
import { byteSizeOf } from '@statebag/state-core';
import { after, anApproval } from '../../test/an-approval.ts';
import { decisionAtDeadline, planDecision, verdictHash } from './plan-decision.ts';

const context = { by: 'ann', now: after(60), bucket: 'bucket' };
const pause = { execution_id: 'run-1', branch_path: '', loop_counter: 3, segment_id: 's1' };

test('answers the pause that asked, with all that was said', () => {
  const { decision, writes } = planDecision(
    anApproval(),
    { choice: 'approve', comment: 'yes', data: [1] },
    context,
  );
  expect(decision.answer).toEqual({
    result_id: pause,
    field: 'decision',
    status: 'CONTINUE',
    value: { choice: 'approve', comment: 'yes', data: [1], by: 'ann', decided_at: after(60) },
  });
  expect([validateAnswer(decision.answer), writes]).toEqual([true, []]);
});

test('stores what is too large to travel and sends its pointer', () => {
  const { decision, writes } = planDecision(
    anApproval(),
    { choice: 'approve', data: 'x'.repeat(1_000_000) },
    context,
  );
  expect(writes).toHaveLength(1);
  expect(decision.answer).toMatchObject({
    pointer: {
      s3_path: expect.stringContaining('runs/acme/run-1/blobs/'),
      sha256: writes[0]?.values[0]?.sha256,
    },
  });
  expect([validateAnswer(decision.answer), byteSizeOf(decision.answer as never) <= BUDGET.result]).toEqual([
    true,
    true,
  ]);
});

test.each([
  ['reject', 'fail', 'FAILED'],
  ['reject', 'go_on', 'CONTINUE'],
  ['approve', 'fail', 'CONTINUE'],
] as const)('%s, where a rejection means %s, answers %s', (choice, on_reject, status) => {
  const { answer } = planDecision(anApproval({ request: { on_reject } }), { choice }, context).decision;
  expect(answer).toMatchObject({
    status,
    ...(status === 'FAILED' && { error_info: { error: 'Node.Failed', node_id: 'ask' } }),
  });
  expect(validateAnswer(answer)).toBe(true);
});

test.each([
  ['fail', 'reject', 'expired', 'FAILED'],
  ['fail', null, 'expired', 'FAILED'],
  ['default', 'approve', 'default', 'CONTINUE'],
  ['default', null, 'expired', 'FAILED'],
  ['escalate', 'approve', 'default', 'CONTINUE'],
  ['escalate', null, 'expired', 'FAILED'],
] as const)('at the deadline %s with the default %s is %s', (on_deadline, choice, how, status) => {
  const decision = decisionAtDeadline(
    anApproval({ request: { on_deadline, default: choice } }),
    after(3_600),
  );
  expect(decision).toMatchObject({
    how,
    by: null,
    answer: { status, ...(status === 'FAILED' && { error_info: { error: 'Approval.Expired' } }) },
  });
  expect(validateAnswer(decision.answer)).toBe(true);
});

test('a default that rejects ends the run where a rejection does', () => {
  const approval = anApproval({ request: { on_deadline: 'default', default: 'reject', on_reject: 'fail' } });
  expect(decisionAtDeadline(approval, after(3_600)).answer).toMatchObject({
    status: 'FAILED',
    error_info: { error: 'Node.Failed' },
  });
});

test('verdicts differ by choice, comment and data, and by nothing else', () => {
  const hash = verdictHash({ choice: 'a', data: { x: 1, y: 2 } });
  expect(verdictHash({ choice: 'a', comment: undefined, data: { y: 2, x: 1 } })).toBe(hash);
  for (const other of [{ choice: 'b' }, { choice: 'a' }, { choice: 'a', comment: '' }])
    expect(verdictHash(other)).not.toBe(hash);
});
