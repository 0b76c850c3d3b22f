import type { Usage } from '@statebag/contracts/schemas/history';
import { type Fate, type PlannedFork, usageOf } from '@statebag/rollout/fork';
import { addUsage } from '@statebag/state-core/core/usage';
import { countText, table } from './amounts.ts';

/** What a fork shares, what it does again, and what that cost in the run. */
export function forkText(planned: PlannedFork): string {
  const { execution_id, parent, segment_to_run, shared_results, nodes, change, set } = planned;
  const named = (fate: Fate) => nodes.filter((node) => node.fate === fate).map(({ node_id }) => node_id);
  const row = (what: string, names: readonly string[], figures: string) =>
    names.length === 0 ? [] : [['  ', what, `${names.join(', ')}${figures}`]];
  const rows = [
    ['  ', 'begins at', `${segment_to_run}, behind ${countText(shared_results, 'result')} of the run`],
    ...row('edited', change.changed, ''),
    ...row('added', change.added, ''),
    ...row('removed', change.removed, ''),
    ...row('sets', Object.keys(set), ''),
    ...row('repeats', named('repeats'), costText(usageOf(nodes, 'repeats'), 'in the run')),
    ...row(
      'may repeat',
      named('depends'),
      costText(usageOf(nodes, 'depends'), 'at most, where what they read has changed'),
    ),
    ...row('runs first', named('first'), ' (the run did not come to their end)'),
    ['  ', 'takes over', callsText(addUsage(planned.shared_usage, usageOf(nodes, 'taken over')))],
  ];
  return `${execution_id}: a fork of ${parent.execution_id}\n${table(rows)}\n`;
}

function costText(usage: Usage, when: string): string {
  return usage.llm_calls === 0 ? '' : ` (${callsText(usage)} ${when})`;
}

function callsText({ llm_calls, cost_nano_usd }: Usage): string {
  return `${countText(llm_calls, 'model call')}, $${(cost_nano_usd / 1e9).toFixed(4)}`;
}
