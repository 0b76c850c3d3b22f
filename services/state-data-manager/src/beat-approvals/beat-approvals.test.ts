import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StatebagError } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import type { LifecycleEvent, LifecycleEvents } from '@statebag/runs';
import { after, anApproval, aQuestion, aRun, openTestTable, type TestTable } from '@statebag/runs/testing';
import type { OpenApprovals } from '@statebag/step-kit';
import { beatApprovals } from './beat-approvals.ts';
import { dutyOf } from './look-after.ts';

let opened: TestTable;
let sfn: SFNClient;
beforeAll(async () => {
  opened = await openTestTable();
  sfn = new SFNClient(opened.config);
});
afterAll(async () => {
  sfn.destroy();
  await opened.close();
});

const run = (name: string) => name as ExecutionId;
const silent = { event: () => {}, line: () => {} };
const patient = { remainingMs: () => 60_000 };

/** A bus that keeps what it is told, and breaks at one run. */
function bus(breaksAt?: string): LifecycleEvents & { readonly told: LifecycleEvent[] } {
  const told: LifecycleEvent[] = [];
  const put = async (event: LifecycleEvent) => {
    if (event.execution_id === breaksAt) throw new StatebagError('Store.Unavailable', 'the bus is gone');
    told.push(event);
  };
  return { told, put };
}

test.each([
  ['an open one', {}, after(60), 'beat'],
  ['an open one at its deadline', {}, after(3_600), 'end'],
  ['one to be escalated', { on_deadline: 'escalate' as const }, after(3_600), 'escalate'],
] as const)('%s is looked after as it needs', (_, request, now, duty) => {
  expect(dutyOf(anApproval({ request }), now)).toBe(duty);
});

const reported: OpenApprovals[] = [];
const report = (open: OpenApprovals) => void reported.push(open);

test('one that was escalated ends, one that is recorded is delivered, one that is settled needs nothing', () => {
  expect(
    dutyOf(anApproval({ request: { on_deadline: 'escalate' } }, { escalated: true }), after(3_600)),
  ).toBe('end');
  expect(dutyOf(anApproval({}, { state: 'RECORDED' }), after(60))).toBe('deliver');
  for (const state of ['DELIVERED', 'CLOSED'] as const)
    expect(dutyOf(anApproval({}, { state }), after(9_000))).toBe('nothing');
});

test('one that cannot be looked after does not stop the others, and is due again', async () => {
  const { runs } = opened;
  const names = Array.from({ length: 130 }, (_, n) => `end-${n}`);
  await Promise.all(names.map((name) => runs.openApproval(aQuestion({ execution_id: run(name) }))));
  const { told, put } = bus('end-7');
  const at = { now: after(3_600), deadline: patient };
  expect(await beatApprovals({ runs, sfn, events: { put }, log: silent, report }, at)).toMatchObject({
    end: 129,
    deliver: 0,
  });
  expect(told.filter(({ event_type }) => event_type === 'HITP_TIMEOUT')).toHaveLength(129);
  expect(await runs.listApprovals(run('end-7'))).toMatchObject([
    { state: 'RECORDED', decision: { how: 'expired' } },
  ]);
  const healed = bus();
  expect(await beatApprovals({ runs, sfn, events: healed, log: silent, report }, at)).toMatchObject({
    deliver: 1,
    failed: 0,
  });
  expect(healed.told).toMatchObject([
    { event_type: 'HITP_TIMEOUT', execution_id: 'end-7', outcome: 'failed' },
  ]);
});

test('what a run that has ended still asks is closed', async () => {
  const { runs } = opened;
  await runs.createRun(aRun({ execution_id: run('over') }));
  await runs.finishRun(run('over'), { execution_arn: 'arn:1', status: 'FAILED', ended_at: after(10) });
  await runs.openApproval(aQuestion({ execution_id: run('over') }));
  await beatApprovals(
    { runs, sfn, events: bus(), log: silent, report },
    { now: after(600), deadline: patient },
  );
  expect(reported.at(-1)).toMatchObject({ oldest_age_seconds: 600 });
  expect(await runs.listApprovals(run('over'))).toMatchObject([
    { state: 'CLOSED', closed_reason: 'the run ended: FAILED' },
  ]);
});

test('a beat that runs out of time leaves the rest to the next one', async () => {
  const { runs } = opened;
  await Promise.all(
    Array.from({ length: 101 }, (_, n) =>
      runs.openApproval(
        aQuestion({
          execution_id: run(`slow-${n}`),
          now: after(10_000),
          request: { deadline: after(90_000) },
        }),
      ),
    ),
  );
  const counts = await beatApprovals(
    { runs, sfn, events: bus(), log: silent, report },
    { now: after(10_600), deadline: { remainingMs: () => 0 } },
  );
  expect(counts.beat + counts.deliver).toBeLessThanOrEqual(100);
});
