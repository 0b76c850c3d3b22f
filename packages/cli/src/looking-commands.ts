import { BUDGET } from './budget-command.ts';
import { CONFIG, type CommandSpec, DATA_DIR, option } from './command-spec.ts';

/** Commands that show what is there, without running anything. */
export const LOOKING: readonly CommandSpec[] = [
  BUDGET,
  {
    usage: 'doctor [targets...]',
    description:
      'say why any execution of Step Functions died, how close it is to each limit, and what mends it',
    options: [
      option('--since <age>', 'with a machine: its executions of so long: 90m, 12h, 7d').default('7d'),
      option('--most <n>', 'with a machine: how many of them at most, the newest').default('50'),
      option('--definition <file>', 'the definition that belongs to a history'),
      option('--save <file>', 'keep history and definition of one execution in a file'),
      option('--sarif <file>', 'write the findings for code scanning'),
      option('--fail-on <level>', 'exit with 1 from this level on: error, warning, note or never').default(
        'error',
      ),
      option('--rights', 'print the policy that it needs in AWS, and look at nothing'),
      DATA_DIR,
      option('--json', 'print JSON'),
    ],
    notes: `A target is the ARN of an execution, a machine or a run of a distributed Map, a file with a history
(aws stepfunctions get-execution-history), or a definition. It only reads. Rules: docs/doctor.md.
Exit codes: 0 nothing as grave as --fail-on, 1 something, 2 wrong usage.

Example:
  statebag doctor arn:aws:states:eu-west-1:111111111111:execution:review:r-17`,
    run: async (targets, options) => (await import('./commands/doctor.ts')).doctor(targets, options),
  },
  {
    usage: 'replay <run>',
    description: 'repeat a run from its ledger and what it stored, and say whether it comes out the same',
    options: [
      option('--stage <name>', 'a run of a deployed stage, by read rights alone'),
      option('--region <name>', 'with --stage: its region (default: the one of the environment)'),
      option('--nodes <folder>', 'the node types of the project, where the run used any'),
      option(
        '--record <file>',
        'write what the run was given into a fixture for tests instead, secrets replaced',
      ),
      DATA_DIR,
      option('--json', 'print JSON'),
    ],
    notes: `No model, service or person is asked, and nothing is written. Exit codes: 0 everything is equal, 1 something
differs or is damaged, 2 wrong usage: docs/replay.md.

Examples:
  statebag replay r-17 --record test/fixtures/refused-contract
  statebag replay r-17 --stage prod --region eu-central-1`,
    run: async (run, options) => (await import('./commands/replay.ts')).replay(run, options),
  },
  {
    usage: 'ui',
    description: 'show the runs in a browser: what runs, why a run failed, where bytes and time go',
    options: [
      option('--port <number>', 'port of the page; 0 takes a free port').default('4568'),
      option('--stage <name>', 'show a deployed stage, read-only, instead of this machine'),
      option('--region <name>', 'with --stage: its region (default: the one of the environment)'),
      option('--owner <id>', 'with --stage or cells in the configuration: whose runs are shown'),
      CONFIG,
      DATA_DIR,
    ],
    notes: `The page is served on this machine alone and asks no other host. Runs that were interrupted stay as they are:
statebag dev, which serves the same page, goes on with them.

Example:
  statebag ui --stage prod --region eu-central-1 --owner crm`,
    run: async (options) => (await import('./commands/ui.ts')).ui(options),
  },
  {
    usage: 'cell <owner>',
    description: 'say which of several deployments an owner is in, and the address of its API',
    options: [CONFIG, option('--json', 'print JSON')],
    notes: `The configuration names the deployments under \`cells\`: docs/scale.md.

Example:
  curl "$(statebag cell acme --json | jq -r .api)/runs"`,
    run: async (owner, options) => (await import('./commands/cell.ts')).cell(owner, options),
  },
];
