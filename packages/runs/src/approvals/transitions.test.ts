import { expect, test } from '@jest/globals';
import { after, anApproval, aQuestion } from '../../test/an-approval.ts';
import { planDecision } from './plan-decision.ts';
import { asked, closed, decided, delivered, escalated, postponed } from './transitions.ts';

const verdict = (at: number) =>
  planDecision(anApproval(), { choice: 'approve' }, { by: 'ann', now: after(at), bucket: 'b' }).decision;

test('a question is open until the request’s own deadline, and is looked after well within the hour', () => {
  expect(anApproval()).toMatchObject({
    state: 'OPEN',
    approval_id: '#0000000004#ask',
    asked_at: after(0),
    deadline: after(3_600),
    due_at: after(600),
  });
});

test('an approval is due at its deadline where that comes before the next beat', () => {
  expect(postponed(anApproval(), after(3_300)).due_at).toBe(after(3_600));
});

test('another token replaces the first and leaves the deadline', () => {
  const again = asked(
    anApproval(),
    aQuestion({ task_token: 'token-2', execution_arn: 'arn:2', now: after(1_000) }),
  );
  expect(again).toMatchObject({
    task_token: 'token-2',
    execution_arn: 'arn:2',
    asked_at: after(0),
    deadline: after(3_600),
    due_at: after(1_600),
  });
});

test('a decision is due at once, and never again when it is delivered', () => {
  const recorded = decided(anApproval(), verdict(60));
  expect(recorded).toMatchObject({ state: 'RECORDED', due_at: after(60) });
  expect(delivered(recorded, after(61))).toMatchObject({
    state: 'DELIVERED',
    due_at: undefined,
    delivered_at: after(61),
  });
});

test('a token that comes after the decision is to be answered at once, delivered or not', () => {
  const recorded = decided(anApproval(), verdict(60));
  for (const before of [
    recorded,
    delivered(recorded, after(61)),
    closed(recorded, { reason: 'ended', at: after(62) }),
  ]) {
    const again = asked(before, aQuestion({ task_token: 'token-2', now: after(90) }));
    expect(again).toMatchObject({
      state: 'RECORDED',
      task_token: 'token-2',
      decision: recorded.decision,
      due_at: after(90),
    });
    expect(again.closed_at).toBeUndefined();
  }
});

test('a run that was resumed asks anew and gives as long as the first time', () => {
  const ended = closed(anApproval(), { reason: 'ended', at: after(100) });
  expect(ended.due_at).toBeUndefined();
  expect(asked(ended, aQuestion({ now: after(10_000) }))).toMatchObject({
    state: 'OPEN',
    asked_at: after(10_000),
    deadline: after(13_600),
  });
});

test('what failed a run is asked again once the run was resumed; what let it go on is answered as before', () => {
  const failing = aQuestion({ request: { ...aQuestion().request, on_reject: 'fail' } });
  const asking = asked(undefined, failing);
  const rejected = planDecision(
    asking,
    { choice: 'reject' },
    { by: 'ann', now: after(60), bucket: 'b' },
  ).decision;
  const settled = delivered(decided(asking, rejected), after(61));
  expect(asked(settled, { ...failing, now: after(70) })).toMatchObject({
    state: 'RECORDED',
    decision: rejected,
  });
  const again = asked(settled, { ...failing, resume_count: 1, now: after(100) });
  expect(again).toMatchObject({ state: 'OPEN', resume_count: 1, deadline: after(3_700) });
  expect(again.decision).toBeUndefined();
  const approved = delivered(decided(anApproval(), verdict(60)), after(61));
  expect(asked(approved, aQuestion({ resume_count: 1, now: after(100) }))).toMatchObject({
    state: 'RECORDED',
    decision: verdict(60),
  });
});

test('an escalation doubles the time', () => {
  expect(escalated(anApproval(), after(3_620))).toMatchObject({
    escalated: true,
    deadline: after(7_200),
    due_at: after(4_220),
  });
});

test('a decision that could not be delivered is tried again later, whatever the deadline was', () => {
  expect(postponed(decided(anApproval(), verdict(60)), after(9_000)).due_at).toBe(after(9_600));
});
