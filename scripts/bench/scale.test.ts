import { expect, test } from '@jest/globals';
import { readQuotas } from '@statebag/local-cloud';
import { runTrial } from './scale/run-trial.ts';
import { startTrial } from './scale/start-trial.ts';
import { openTrialCloud } from './scale/trial-cloud.ts';
import { rowsOf } from './scale.ts';

test('nine hundred starts in half a second: none is lost or doubled, all begin in time, and owners in turn', async () => {
  const quotas = readQuotas('us-east-1');
  const rate = { bucket: 60, per_second: 300 };
  const rates = { ...quotas.rates, 'states.StartExecution': rate };
  const trial = await openTrialCloud({ ...quotas, rates });
  try {
    const count = 900;
    const result = await startTrial(trial, { count, owners: 9, within: 500 });
    const bound = (count - rate.bucket) / rate.per_second;
    const [lost, twice, drained, spread] = rowsOf(result, { name: 'trial', bound, note: '' });
    expect([lost?.ours, twice?.ours, result.waits.length]).toEqual([0, 0, count]);
    expect(drained?.ratio).toBeLessThanOrEqual(1.2); // of so few the first look at the queue is a part
    expect(spread?.ours).toBeLessThanOrEqual(1.2);
  } finally {
    await trial.close();
  }
});

test('whole runs in an account that nobody has used: each ends as its workflow says, and is on record once', async () => {
  const { heldBack, took: _took, ...ended } = await runTrial(30);
  expect(ended).toEqual({ succeeded: 30, wrong: 0, recorded: 30, doubled: 0 });
  expect(heldBack).toBeGreaterThan(0);
}, 180_000);
