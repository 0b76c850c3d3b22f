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
  {
    usage: 'migrate',
    description: 'say which runs that wait could go on with an edited workflow, and let them',
    options: [
      option('--check <file>', 'the edited workflow: say it of each run of its name, and change nothing'),
      option(
        '--apply <file>',
        'the edited workflow: move each run that fits; a fork of it waits in its place',
      ),
      CONFIG,
      DATA_DIR,
      option('--json', 'print JSON'),
    ],
    notes: `A run fits where nothing that it did is done in another way, or again; else the nodes and fields that are in the way
are named. What waits asks anew, and its deadline begins anew: docs/fork.md.
Exit codes: 0 every run fits, 1 some do not, 2 wrong usage.

Example:
  statebag migrate --check contract-review.yaml`,
    run: async (options) => (await import('./commands/migrate.ts')).migrate(options),
  },
  {
    usage: 'backtest',
    description: 'try an edited workflow on past runs, as forks of them, and say what comes out otherwise',
    options: [
      option('--workflow <file>', 'the edited workflow'),
      option(
        '--runs <which>',
        'which past runs: status, workflow, since and until with their values; since and until take ages, too',
      ).default('status=SUCCEEDED'),
      option('--limit <n>', 'how many of them at most, the newest').default('100'),
      option('--fields <names>', 'compare these fields only (default: those of the output of the workflow)'),
      option(
        '--judge <how>',
        'judges what is different: an expression over before, after and different, or <file>#<node>, a workflow and its node that answers { pass, reason }',
      ),
      option('--max-cost <usd>', 'what all model calls of the backtest may cost together'),
      option('--at-once <n>', 'so many runs side by side').default('3'),
      option('--resume <id>', 'go on with a backtest that was stopped, or ran out of money'),
      option('--dry-run', 'say what would be repeated and what that cost, and start nothing'),
      option('--markdown <file>', 'write the report as Markdown, too'),
      option('--html <file>', 'write the report as a page, too'),
      option('--provider-url <url>', 'address of the API for nodes with provider "openai-compatible"'),
      option('--allow-host <host>', 'a private host that api_call may reach').argParser(REPEATED),
      CONFIG,
      DATA_DIR,
      option('--json', 'print the report as one JSON object'),
    ],
    notes: `Calls that the edit leaves as they are are taken over and not paid for again. What is under way when it is stopped
goes on with --resume, and no recorded call is made twice: docs/backtest.md.
Exit codes: 0 all the same or passed by the judge, 1 something else, 2 wrong usage.

Example:
  statebag backtest --workflow edited.json --runs "status=SUCCEEDED since=7d" --max-cost 2`,
    run: async (options) => (await import('./commands/backtest.ts')).backtest(options),
  },
];
