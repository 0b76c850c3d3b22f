import { expect, test } from '@jest/globals';
import { openJournal } from '@statebag/states';
import type { QueryInput } from '../gateway/query-service.ts';
import { openCloudFormation } from './cloudformation.ts';
import { openKeptResources } from './kept-resources.ts';
import { keptProvider } from './providers/kept.ts';
import { PROVIDERS } from './providers/provider-table.ts';
import { openStackStore } from './stack-store.ts';
import type { Workshop } from './workshop.ts';

const GROUP = 'AWS::Logs::LogGroup';
const HANGS = new Promise<never>(() => {});

/** A process over a journal; in one that dies, a group whose retention is 1 day is never made. */
function open(journal: ReturnType<typeof openJournal>, dies: boolean) {
  const groups = keptProvider(GROUP, {
    naming: { property: 'LogGroupName', most: 512 },
    check: ({ RetentionInDays: days }) => (dies && days === 1 ? HANGS : undefined),
  });
  const kept = openKeptResources(journal);
  const absent = {} as Workshop['account']; // log groups ask nothing of the other services
  const workshop: Workshop = {
    journal,
    store: openStackStore(journal),
    account: { ...absent, account: '111122223333', region: 'eu-west-1', kept },
    providers: { ...PROVIDERS, [GROUP]: groups },
    now: () => 0,
  };
  const { service, recover } = openCloudFormation(workshop);
  const call = (action: string, input: QueryInput) => service.actions[action]?.(input);
  return {
    call,
    recover,
    status: () => workshop.store.find('s')?.status,
    groups: () => kept.list(GROUP).map(({ id }) => id),
  };
}

const group = (LogGroupName: string, more: object = {}) => ({
  Type: GROUP,
  Properties: { LogGroupName, ...more },
});
const wish = (Resources: object): QueryInput => ({
  StackName: 's',
  TemplateBody: JSON.stringify({ Resources }),
});
const HANGING = { RetentionInDays: 1 };

test('a creation that a dying process leaves behind is taken back at the next start', async () => {
  const journal = openJournal(':memory:');
  const first = open(journal, true);
  void first.call('CreateStack', wish({ A: group('a'), B: { ...group('b', HANGING), DependsOn: 'A' } }));
  await new Promise(setImmediate);
  expect(first.status()).toBe('CREATE_IN_PROGRESS');
  const next = open(journal, false);
  await next.recover();
  expect(next.status()).toBe('ROLLBACK_COMPLETE');
  expect(next.groups()).toEqual([]);
});

test('an update that a dying process leaves behind is taken back: changed, replaced and new resources', async () => {
  const journal = openJournal(':memory:');
  const first = open(journal, true);
  await first.call('CreateStack', wish({ A: group('a', { RetentionInDays: 7 }), B: group('b') }));
  const changed = { A: group('a', { RetentionInDays: 14 }), B: group('other'), C: group('c') };
  void first.call(
    'UpdateStack',
    wish({ ...changed, D: { ...group('d', HANGING), DependsOn: ['A', 'B', 'C'] } }),
  );
  await new Promise(setImmediate);
  expect(first.groups()).toEqual(['a', 'b', 'c', 'other']);
  const next = open(journal, false);
  await next.recover();
  expect(next.status()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(next.groups()).toEqual(['a', 'b']);
});
