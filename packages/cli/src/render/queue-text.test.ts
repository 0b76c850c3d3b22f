import { expect, test } from '@jest/globals';
import { ownerId } from '@statebag/contracts/ids';
import type { OwnersWait } from '@statebag/runs/queue';
import { queueText } from './queue-text.ts';

const now = Date.parse('2026-03-01T08:02:00.000Z');
const report = (owners: readonly OwnersWait[]) => ({
  stage: 'prod',
  per_second: 285,
  waiting: owners.reduce((sum, { waiting }) => sum + waiting, 0),
  oldest_age_seconds: 0,
  owners,
});

test('what waits is shown by owner, with its age and the places that the owner has', () => {
  const oldest = '2026-03-01T08:00:00.000Z' as OwnersWait['oldest'];
  const owners: readonly OwnersWait[] = [
    { owner_id: ownerId('acme'), waiting: 12, oldest, open: 5, open_runs: 5, priority: 2 },
    { owner_id: ownerId('zeta'), waiting: 1, oldest: null, open: 0, open_runs: null, priority: 0 },
  ];
  expect(queueText(report(owners), now)).toBe(`13 runs of 2 owners wait; up to 285 begin in a second

owner  waiting  longest    open    priority
acme   12       2 min 0 s  5 of 5  2
zeta   1        –          –       0
`);
});

test('an empty queue says so, and how fast it would drain', () =>
  expect(queueText(report([]), now)).toBe('nothing waits; up to 285 waiting runs begin in a second\n'));
