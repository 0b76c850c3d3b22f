import { describe, expect, test } from '@jest/globals';
import { BUDGET } from '@statebag/contracts/limits';
import { noStoreCounts } from '@statebag/state-core/store/counted-store';
import { newTally, type StepLine } from './step-line.ts';
import { failureEvent, powertoolsLog } from './step-log.ts';
import { isNearBudget, reportApprovals } from './step-metrics.ts';

const LINE: StepLine = {
  statebag: 'step',
  function: 'f',
  execution_id: 'run-1',
  action: 'sync',
  segment_id: 's1',
  branch_path: '',
  loop_counter: 0,
  outcome: 'ok',
  duration_ms: 1.5,
  event_bytes: 20,
  reply_bytes: 30,
  ...newTally(),
  bag_bytes: 100_000,
  control_plane_bytes: 800,
  retries: 1,
  hydrated_bytes: 40,
  s3: { ...noStoreCounts(), puts: 2, gets: 3 },
};

describe('the step line', () => {
  test('is one document: the line, and metrics that name its members', () => {
    const written: string[] = [];
    const log = powertoolsLog('my-service', (text) => written.push(text));
    log.line(LINE);
    log.line({ ...LINE, bag_bytes: 10 });
    expect(written.map((text) => text.endsWith('}\n') && text.indexOf('\n') === text.length - 1)).toEqual([
      true,
      true,
    ]);
    const [first, second] = written.map((text) => JSON.parse(text));
    expect(first).toMatchObject({
      ...LINE,
      service: 'my-service',
      BagBytes: 100_000,
      S3Puts: 2,
      S3Gets: 3,
      BagsNearBudget: 1,
    });
    expect(first._aws.CloudWatchMetrics).toEqual([
      expect.objectContaining({ Namespace: 'Statebag', Dimensions: [['service']] }),
    ]);
    expect(second).toMatchObject({ BagBytes: 10, BagsNearBudget: 0 });
  });

  test('counts what an alarm watches also when it is 0, and leaves out what nobody watches', () => {
    let written = '';
    powertoolsLog('my-service', (text) => (written += text)).line({
      ...LINE,
      retries: 0,
      s3: noStoreCounts(),
    });
    expect(JSON.parse(written)).toMatchObject({ StepErrors: 0, StoreErrors: 0, BagsNearBudget: 1 });
    for (const name of ['Retries', 'S3Puts', 'LedgerHits', 'LlmCalls'])
      expect(JSON.parse(written)).not.toHaveProperty(name);
  });

  test.each([
    ['Store.Unavailable', { StepErrors: 1, StoreErrors: 1 }],
    ['Node.Failed', { StepErrors: 1, StoreErrors: 0 }],
  ])('counts an invocation that ended with %s as %j', (outcome, counts) => {
    let written = '';
    powertoolsLog('my-service', (text) => (written += text)).line({ ...LINE, outcome });
    expect(JSON.parse(written)).toMatchObject(counts);
  });

  test('open approvals are a document of metrics of its own', () => {
    let written = '';
    reportApprovals('my-service', { open: 3, oldest_age_seconds: 7_200 }, (text) => (written += text));
    expect(JSON.parse(written)).toMatchObject({
      service: 'my-service',
      ApprovalsOpen: 3,
      OldestApprovalAge: 7_200,
    });
  });

  test.each([
    [BUDGET.bag * 0.75, false],
    [BUDGET.bag * 0.75 + 1, true],
  ])('a bag of %i bytes is near its budget: %s', (bytes, near) => expect(isNearBudget(bytes)).toBe(near));

  test('a failure is told by its name, never by its text', () => {
    expect(failureEvent('run-1', new TypeError('secret'))).toEqual({
      event: 'step_failed',
      execution_id: 'run-1',
      error: 'TypeError',
      in_catalogue: false,
    });
  });
});
