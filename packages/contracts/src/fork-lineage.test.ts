import { expect, test } from '@jest/globals';
import { forkedFrom, forkId, lineageOf, rootOf } from './fork-lineage.ts';
import { executionId } from './ids.ts';
import { confineTo } from './object-keys.ts';

const root = executionId('triage-1');
const fork = forkId(root, 'a1b2');
const second = forkId(fork, 'zzzz');

test('the id of a fork says what it was forked from', () => {
  expect(fork).toBe('triage-1.fa1b2');
  expect([forkedFrom(root), forkedFrom(fork), forkedFrom(second)]).toEqual([null, root, fork]);
  expect(lineageOf(second)).toEqual([second, fork, root]);
  expect([rootOf(second), rootOf(root)]).toEqual([root, root]);
});

test('a fork whose id would be too long is refused, and so is a mark that is none', () => {
  expect(() => forkId(executionId('x'.repeat(60)), 'a1b2')).toThrow(/is no id: fork the run/);
  expect(() => forkId(root, '..')).toThrow(/is no id/);
});

const reader = (execution_id: string) =>
  ({ bucket: 'state', owner_id: 'acme', execution_id }) as Parameters<typeof confineTo>[2];
const pack = (owner: string, run: string) => `s3://state/runs/${owner}/${run}/packs/x.pack`;

test('a fork reads what the runs before it keep, and they read nothing of it', () => {
  expect(confineTo(['packs'], pack('acme', root), reader(second))).toBe(pack('acme', root));
  expect(confineTo(['packs'], pack('acme', fork), reader(second))).toBe(pack('acme', fork));
  for (const [owner, run] of [
    ['acme', 'triage'],
    ['acme', 'triage-1.fzzzz'],
    ['acme', 'triage-1.fa1b2.fyyyy'],
    ['other', root],
  ] as const)
    expect(() => confineTo(['packs'], pack(owner, run), reader(second))).toThrow(/not of the packs of run/);
  expect(() => confineTo(['packs'], pack('acme', fork), reader(root))).toThrow(/not of the packs of run/);
});
