import { expect, test } from '@jest/globals';
import type { RolloutSettings, StartSettings } from '@statebag/contracts/schemas/rollout';
import { type QueueSetOptions, wantedStarts } from './wanted-starts.ts';

const settings = (starts?: StartSettings): RolloutSettings => ({
  v3: 100,
  sticky: 'workflow',
  overrides: {},
  shadow: { on: false, share: 10 },
  kill_switch: false,
  ...(starts && { starts }),
});
const wanted = (options: QueueSetOptions, starts?: StartSettings) =>
  wantedStarts(settings(starts), options).starts;

test('limits of all owners are set, and taken away', () => {
  const set = wanted({ openRuns: '20', waiting: '500', perSecond: '50' });
  expect(set).toEqual({ open_runs: 20, waiting: 500, per_second: 50 });
  expect(wanted({ openRuns: 'none' }, set)).toEqual({ waiting: 500, per_second: 50 });
});

test('an owner gets a limit and a priority beside those of all, and loses what is taken away', () => {
  const acme = { open_runs: 100, priority: 2 };
  const set = wanted({ owner: 'acme', openRuns: '100', priority: '2' }, { open_runs: 20 });
  expect(set).toEqual({ open_runs: 20, owners: { acme } });
  expect(wanted({ owner: 'acme', openRuns: 'none' }, set)).toEqual({
    open_runs: 20,
    owners: { acme: { priority: 2 } },
  });
  expect(
    wanted({ owner: 'acme', openRuns: 'none' }, { owners: { ...{ acme: { open_runs: 1 } } } as never }),
  ).toEqual({
    owners: {},
  });
});

test.each<[string, QueueSetOptions, RegExp]>([
  ['nothing', {}, /nothing to set/],
  ['a priority of nobody', { priority: '1' }, /--priority: it is of one owner/],
  ['a rate of one owner', { owner: 'acme', perSecond: '1' }, /--waiting and --per-second are for all owners/],
  ['more open runs than an item holds', { openRuns: '501' }, /not a whole number from 1 to 500/],
  ['an owner that is none', { owner: 'a b', openRuns: '1' }, /not the id of an owner/],
])('%s is a mistake that is named', (_name, options, message) => {
  expect(() => wanted(options)).toThrow(message);
});
