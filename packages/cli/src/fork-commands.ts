import type { Option } from 'commander';
import { CONFIG, type CommandSpec, DATA_DIR, option } from './command-spec.ts';

const REPEATED = (text: string, before: readonly string[] = []) => [...before, text];

/** Options of whatever runs a fork. */
export const FORK_SET: Option = option(
  '--set <field=json>',
  'a field of the state that the fork begins with; may be given several times',
).argParser(REPEATED);

/** Commands that begin new runs with the past of others. */
export const FORKING: readonly CommandSpec[] = [
  {
    usage: 'fork <run>',
    description:
      'start a new run that shares the past of a run up to what was edited, without paying for it again',
    options: [
      option('--workflow <file>', 'the edited workflow (default: that of the run)'),
      option('--at <node>', 'begin no later than at the segment that holds this node'),
      FORK_SET,
      option('--dry-run', 'say what would be repeated and what that cost, and start nothing'),
      option(
        '--decide <node=choice>',
        'answer approvals with this; without it they are answered as in the run, if their node is the same',
      ).argParser(REPEATED),
      option('--provider-url <url>', 'address of the API for nodes with provider "openai-compatible"'),
      option('--allow-host <host>', 'a private host that api_call may reach').argParser(REPEATED),
      CONFIG,
      DATA_DIR,
      option('--json', 'print one JSON object: the result, or with --dry-run the plan'),
    ],
    notes: `The fork begins behind the last result that the edit leaves as it is. Behind that point a call is made only if its
node or what it is given has changed; every other one is taken over from the run, in lists, loops and branches, too.

Example:
  statebag fork ticket-triage-mf3k2x1a-7q4d --workflow edited.json --dry-run`,
    run: async (run, options) => (await import('./commands/fork.ts')).fork(run, options),
  },
];
