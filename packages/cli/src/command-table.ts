import { RUN_FILTERS } from '@statebag/runs/filters';
import type { Option } from 'commander';
import { CONFIG, type CommandGroup, type CommandSpec, DATA_DIR, option } from './command-spec.ts';
import { FORKING } from './fork-commands.ts';
import { LOOKING } from './looking-commands.ts';
import { MONEY } from './money-commands.ts';
import { QUEUE } from './queue-commands.ts';
import { ROLLOUT } from './rollout-commands.ts';

const INPUT = option('-i, --input <file>', 'the input, a JSON object ("-" reads standard input)');
const PROVIDER_URL = option(
  '--provider-url <url>',
  'address of the API for nodes with provider "openai-compatible", for all runs of the data directory from now on; the process that runs them reads its key from STATEBAG_LLM_API_KEY, which is never written down',
);
const DECIDE = option(
  '--decide <node=choice>',
  'answer an approval beforehand; several for one node answer its questions in order, the last one all later ones',
).argParser((text: string, before: readonly string[] = []) => [...before, text]);
const UPLOAD = option(
  '--upload <name=file>',
  'put a file under the uploads, where the workflow finds it by its name; may be given several times',
).argParser((text: string, before: readonly string[] = []) => [...before, text]);
const ALLOW_HOST = option(
  '--allow-host <host>',
  'a host that api_call may reach although its address is private or this machine; may be given several times',
).argParser((text: string, before: readonly string[] = []) => [...before, text]);
const severalTimes = (flags: string, description: string): Option =>
  option(flags, `${description}; may be given several times`).argParser(
    (text: string, before: readonly string[] = []) => [...before, text],
  );
const JSON_OUTPUT = option('--json', 'print JSON');
const JSON_RESULT = option('--json', 'print one JSON object with the result and the report');

const RUNNING: readonly CommandSpec[] = [
  {
    usage: 'run <workflow>',
    description: 'run a workflow on this machine and print its result',
    options: [
      INPUT,
      UPLOAD,
      PROVIDER_URL,
      DECIDE,
      ALLOW_HOST,
      option(
        '--detach',
        'print the id of the run and return; statebag dev, which holds the data directory, runs it',
      ),
      CONFIG,
      DATA_DIR,
      JSON_RESULT,
    ],
    notes: `Example:
  statebag run examples/agent-loop/workflow.json --input examples/agent-loop/input.json`,
    run: async (workflow, options) => (await import('./commands/run.ts')).run(workflow, options),
  },
  {
    usage: 'resume <run>',
    description: 'continue a run that was interrupted, failed or was stopped, and wait for its result',
    options: [
      option('--failed-items', 'if a distributed map failed: run only the items that failed'),
      option('--snapshot <address>', 'go back to this snapshot first'),
      option('--workflow <file>', 'go on with a corrected workflow, as a fork of the run'),
      DECIDE,
      PROVIDER_URL,
      ALLOW_HOST,
      CONFIG,
      DATA_DIR,
      JSON_RESULT,
    ],
    notes: `Finished segments and recorded calls are not repeated.

Example:
  statebag resume ticket-triage-mf3k2x1a-7q4d`,
    run: async (run, options) => (await import('./commands/resume.ts')).resume(run, options),
  },
  {
    usage: 'cancel <run>',
    description: 'stop a run and everything it started',
    options: [CONFIG, DATA_DIR, JSON_OUTPUT],
    run: async (run, options) => (await import('./commands/cancel.ts')).cancel(run, options),
  },
  {
    usage: 'dev',
    description: 'keep the local cloud running with the app deployed, so that AWS clients can call it',
    options: [
      option('--port <number>', 'port of the AWS services; 0 takes a free port').default('4566'),
      option('--api-port <number>', 'port of the HTTP API (default: the next port after --port)'),
      option('--bare', 'an AWS account with nothing deployed, for serverless deploy and other AWS tools'),
      option(
        '--app <path>',
        'an application that others wrote, from its Serverless, SAM, CDK or CloudFormation template, in an account of its own (docs/own-apps.md)',
      ),
      severalTimes('--parameter <name=value>', 'with --app: a value for a parameter of its template'),
      severalTimes(
        '--leave-out <type>',
        "with --app: a type of resources to go without, such as 'AWS::Cognito::*'",
      ),
      option(
        '--run <command>',
        'with --app: run this command over the application, then stop with its exit code',
      ),
      option('--account <id>', 'with --bare or --app: the number of the account (default: 111122223333)'),
      option('--region <region>', 'with --bare or --app: its region (default: AWS_REGION or us-east-1)'),
      option('--ui-port <number>', 'port of the viewer (default: the next port after --api-port)'),
      option(
        '--quotas <set>',
        'rates of AWS to enforce: us-east-1, fresh-account, or a file (docs/scale.md)',
      ),
      PROVIDER_URL,
      ALLOW_HOST,
      CONFIG,
      DATA_DIR,
    ],
    run: async (options) => (await import('./commands/dev.ts')).dev(options),
  },
];

const DECISION_OPTIONS: readonly Option[] = [
  option('--node <id>', 'the node that asks, if the run waits for several approvals'),
  option(
    '--approval <id>',
    'the approval, if one node asks in several branches; approvals --json lists the ids',
  ),
];
const ANSWER_OPTIONS: readonly Option[] = [
  option('--comment <text>', 'the reason, kept with the decision'),
  option('--data <file>', 'JSON that the workflow receives with the choice ("-" reads standard input)'),
  CONFIG,
  DATA_DIR,
  JSON_OUTPUT,
];

const DECIDING: readonly CommandSpec[] = [
  {
    usage: 'approve <run>',
    description: 'answer an approval that a run waits for: with "approve" or another choice',
    options: [
      ...DECISION_OPTIONS,
      option('--choice <choice>', 'a choice other than "approve"'),
      ...ANSWER_OPTIONS,
    ],
    notes: 'Example:\n  statebag approve contract-review-mf3k2x1a-7q4d --node review --comment "as agreed"',
    run: async (run, options) => (await import('./commands/approvals.ts')).decide('approve', run, options),
  },
  {
    usage: 'reject <run>',
    description: 'answer an approval that a run waits for: with "reject"',
    options: [
      ...DECISION_OPTIONS,
      option('--choice <choice>', 'a choice other than "reject"').hideHelp(),
      ...ANSWER_OPTIONS,
    ],
    notes: 'Example:\n  statebag reject contract-review-mf3k2x1a-7q4d --node review --comment "as agreed"',
    run: async (run, options) => (await import('./commands/approvals.ts')).decide('reject', run, options),
  },
  {
    usage: 'approvals <run>',
    description: 'list the approvals of a run: the open ones, and who decided what and when',
    options: [CONFIG, DATA_DIR, JSON_OUTPUT],
    run: async (run, options) => (await import('./commands/approvals.ts')).approvals(run, options),
  },
  {
    usage: 'snapshot <run>',
    description:
      'save the state of a run as it is now and print its address, for resume --snapshot and show --snapshot',
    options: [CONFIG, DATA_DIR, JSON_OUTPUT],
    run: async (run, options) => (await import('./commands/snapshot.ts')).snapshot(run, options),
  },
];

const READING: readonly CommandSpec[] = [
  {
    usage: 'validate <workflow...>',
    description: 'check workflows and list every problem: where it is and how to correct it',
    options: [option('--json', 'print the problems as JSON')],
    run: async (workflows, options) => (await import('./commands/validate.ts')).validate(workflows, options),
  },
  {
    usage: 'plan <workflow>',
    description: 'show the segments of a workflow, and which fields each of them reads and writes',
    options: [
      option('--mermaid', 'print a Mermaid flowchart'),
      option('--json', 'print the manifest as JSON'),
    ],
    run: async (workflow, options) => (await import('./commands/plan.ts')).plan(workflow, options),
  },
  {
    usage: 'schema [folder]',
    description:
      'print the JSON Schema of workflows for editors, with the node types of the project or of a folder',
    options: [CONFIG],
    notes: 'Example:\n  statebag schema nodes > workflow.schema.json',
    run: async (folder, options) => (await import('./commands/schema.ts')).schema(folder, options),
  },
  {
    usage: 'show [run]',
    description: 'show a run, or the newest one: its segments, its history and its error',
    options: [
      option('--follow', 'wait for its end, saying what happens; Ctrl-C ends the waiting and not the run'),
      option('--state', 'print the state instead'),
      option('--history', 'print the history entries instead, archived ones included'),
      option('--at <n>', 'print the state after the n-th result instead of the last one; 0 is the beginning'),
      option('--snapshot <which>', 'print the state of a snapshot: "pre", "post" or its address'),
      option('--path <path>', 'print only this part of the state, for example tickets.0.answer'),
      option('--raw', 'print pointers as they are, without loading what they point to'),
      CONFIG,
      DATA_DIR,
      JSON_OUTPUT,
    ],
    run: async (run, options) => (await import('./commands/show.ts')).show(run, options),
  },
  {
    usage: 'diff <workflow> [other]',
    description: 'compare a workflow on both generations, two versions of it, or two runs that have ended',
    options: [
      INPUT,
      PROVIDER_URL,
      DECIDE,
      ALLOW_HOST,
      CONFIG,
      DATA_DIR,
      option('--json', 'print one JSON object with every hash'),
    ],
    notes: `With one workflow: on the first generation, then on v3. Outside calls are made in the first run only;
the second run gets the recorded answers. A question to a person is printed with the commands that answer it.
Exit codes: 0 no difference, 1 a difference, 2 wrong usage or invalid workflow.

Example:
  statebag diff triage.json --input ticket.json`,
    run: async (workflow, other, options) =>
      (await import('./commands/diff.ts')).diff(workflow, other, options),
  },
  {
    usage: 'list',
    description: 'list the runs in this data directory, newest first',
    options: [
      option('--status <status>', RUN_FILTERS.status),
      option('--workflow <id>', RUN_FILTERS.workflow_id),
      option('--since <time>', RUN_FILTERS.since),
      option('--until <time>', RUN_FILTERS.until),
      option('--owner <id>', 'the owner of the runs; the runs of this command line belong to "local"'),
      option('--limit <n>', 'how many at most').default('100'),
      option('--all', 'list all of them'),
      CONFIG,
      DATA_DIR,
      JSON_OUTPUT,
    ],
    notes: `The branches of a run, and what continues it, are not listed: they are parts of it.

Example:
  statebag list --status FAILED --since 2026-03-01`,
    run: async (options) => (await import('./commands/list.ts')).list(options),
  },
];

const KEEPING: readonly CommandSpec[] = [
  {
    usage: 'prune',
    description: 'remove runs that have ended from this machine, and say what that frees',
    options: [
      option('--older-than <age>', 'runs that ended so long ago: 90m, 12h, 30d'),
      option('--keep <n>', 'keep the newest n of the runs that fit the other options'),
      option(
        '--status <status>',
        'only runs that ended so: SUCCEEDED, FAILED, TIMED_OUT, ABORTED or CANCELLED',
      ),
      option('--workflow <id>', RUN_FILTERS.workflow_id),
      option('--dry-run', 'say what would be removed, and remove nothing'),
      CONFIG,
      DATA_DIR,
      JSON_OUTPUT,
    ],
    notes: `A run that is under way or waits for a person is never removed. A run is removed with its history, its objects
and its approvals; definitions and uploads stay. No other process may hold the data directory meanwhile.
It is not npm run prune, which removes old versions of functions from a deployment.

Example:
  statebag prune --older-than 30d --keep 20 --dry-run`,
    run: async (options) => (await import('./commands/prune.ts')).prune(options),
  },
];

/** Every command of `statebag`, in the order of its help. */
export const COMMANDS: readonly (CommandSpec | CommandGroup)[] = [
  ...RUNNING,
  ...DECIDING,
  ...READING,
  ...MONEY,
  ...LOOKING,
  ...FORKING,
  ...KEEPING,
  ROLLOUT,
  QUEUE,
];
