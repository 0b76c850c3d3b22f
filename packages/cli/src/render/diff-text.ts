import { type Compared, divergenceText } from '@statebag/rollout';
import type { Differed } from '../diff/run-and-replay.ts';
import { countText, table } from './amounts.ts';

/** What was compared, what differs, and what differs first. */
export function diffText({ left, right, comparison }: Differed, names: readonly [string, string]): string {
  const { same, compared } = comparison;
  const counted = (kind: Compared['kind'], noun: string) =>
    countText(compared.filter((each) => each.kind === kind).length, noun);
  const parts = `${counted('field', 'field')}, ${counted('history', 'history line')}`;
  const what = `${left.status} and ${right.status}; compared: ${parts}`;
  if (same) return `the same: ${what}\n`;
  const rows = compared
    .filter((each) => !each.same)
    .map((each) => ['  ', each.kind, each.name, hash(each.left_sha256), hash(each.right_sha256)]);
  const first = `first: ${divergenceText(comparison, names)}`;
  return `${[`different: ${what}`, '', table([['  ', '', '', ...names], ...rows]), '', first].join('\n')}\n`;
}

function hash(sha256: string | null): string {
  return sha256 === null ? '–' : sha256.slice(0, 12);
}
