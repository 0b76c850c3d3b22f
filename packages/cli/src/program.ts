import { Command, CommanderError, Option } from 'commander';
import { EXIT, UsageError } from './exit.ts';
import { addRollout } from './rollout/rollout-commands.ts';

const DATA_DIR = '.statebag';

/** Runs one command line. Resolves with the exit code: 0 succeeded, 1 run failed, 2 usage or invalid workflow. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let code: number = EXIT.succeeded;
  const program = statebag((outcome) => {
    code = outcome;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** Mistakes the local cloud reports itself, with all a reader needs in the message. */
const REPORTED: ReadonlySet<string> = new Set(['LocalCloud.DataDirInUse', 'LocalCloud.DeployError']);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.succeeded : EXIT.usage;
  if (!(error instanceof UsageError) && !(error instanceof Error && REPORTED.has(error.name))) throw error;
  process.stderr.write(`${error.message}\n`);
  return EXIT.usage;
}

type Finish = (code: number) => void;
type NewCommand = (name: string, description: string) => Command;

/** The commands. Each loads its code when it is called, so that --help is instant. */
function statebag(finish: Finish): Command {
  const program = new Command('statebag')
    .description('Durable AI workflows on AWS Step Functions that cannot hit the 256 KB wall, on AWS and on this machine.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nExit codes: 0 succeeded, 1 the run failed, 2 wrong usage or invalid workflow.');
  const command: NewCommand = (name, description) => program.command(name).description(description).exitOverride().allowExcessArguments(false);
  addRunning(command, finish);
  addDeciding(command, finish);
  addReading(command, finish);
  addRollout(program, finish);
  return program;
}

function addRunning(command: NewCommand, finish: Finish): void {
  command('run <workflow>', 'run a workflow on this machine and print its result')
    .option('-i, --input <file>', 'the input, a JSON object ("-" reads standard input)')
    .addOption(providerUrl())
    .option('--detach', 'print the run’s id and leave it to the cloud that holds the data directory (statebag dev)')
    .addOption(dataDir())
    .option('--json', 'print one JSON object with result and report')
    .addHelpText('after', '\nExample:\n  statebag run examples/ticket-triage/workflow.json --input examples/ticket-triage/input.json')
    .action(async (workflow: string, options) => finish(await (await import('./commands/run.ts')).run(workflow, options)));
  command('resume <run>', 'go on with a run that was interrupted, failed or was stopped, and wait for its result')
    .option('--failed-items', 'of a map that failed, run only the items that failed')
    .option('--snapshot <address>', 'go back to this snapshot first')
    .addOption(providerUrl())
    .addOption(dataDir())
    .option('--json', 'print one JSON object with result and report')
    .addHelpText('after', '\nFinished segments and recorded calls are not repeated.\n\nExample:\n  statebag resume ticket-triage-mf3k2x1a-7q4d')
    .action(async (run: string, options) => finish(await (await import('./commands/resume.ts')).resume(run, options)));
  command('cancel <run>', 'end a run with everything it started')
    .addOption(dataDir())
    .option('--json', 'print JSON')
    .action(async (run: string, options) => finish(await (await import('./commands/cancel.ts')).cancel(run, options)));
  command('dev', 'keep the local cloud running with the app deployed, open to AWS clients')
    .option('--port <number>', 'where it listens; 0 takes a free port', '4566')
    .option('--api-port <number>', 'where the HTTP API listens: one above the port, if not given')
    .addOption(providerUrl())
    .addOption(dataDir())
    .action(async (options) => finish(await (await import('./commands/dev.ts')).dev(options)));
}

function addDeciding(command: NewCommand, finish: Finish): void {
  for (const verdict of ['approve', 'reject'] as const) {
    command(`${verdict} <run>`, verdict === 'approve' ? 'decide what a run asks: approve, or another choice' : 'reject what a run asks')
      .option('--node <id>', 'which approval, where the run waits for several')
      .option('--approval <id>', 'the same where one node asks in several branches, as approvals --json lists it')
      .addOption(new Option('--choice <choice>', 'another choice than "approve"').hideHelp(verdict === 'reject'))
      .option('--comment <text>', 'why')
      .option('--data <file>', 'JSON that the workflow gets besides the choice ("-" reads standard input)')
      .addOption(dataDir())
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExample:\n  statebag ${verdict} contract-review-mf3k2x1a-7q4d --node review --comment "as agreed"`)
      .action(async (run: string, options) => finish(await (await import('./commands/decide.ts')).decide(verdict, run, options)));
  }
  command('approvals <run>', 'list what a run asks and asked: who decided what, and when')
    .addOption(dataDir())
    .option('--json', 'print JSON')
    .action(async (run: string, options) => finish(await (await import('./commands/approvals.ts')).approvals(run, options)));
  command('snapshot <run>', 'keep the state of a run as it is now; prints the address for resume --snapshot and show --snapshot')
    .addOption(dataDir())
    .option('--json', 'print JSON')
    .action(async (run: string, options) => finish(await (await import('./commands/snapshot.ts')).snapshot(run, options)));
}

function addReading(command: NewCommand, finish: Finish): void {
  command('validate <workflow...>', 'say what is wrong with workflows: every problem, its place and its mend')
    .option('--json', 'print the problems as JSON')
    .action(async (workflows: string[], options) => finish(await (await import('./commands/validate.ts')).validate(workflows, options)));
  command('plan <workflow>', 'show the segments of a workflow with what each reads and writes')
    .option('--mermaid', 'draw it as a Mermaid flowchart')
    .option('--json', 'print the manifest as JSON')
    .action(async (workflow: string, options) => finish(await (await import('./commands/plan.ts')).plan(workflow, options)));
  command('cost <workflow>', 'say what a run will cost: exactly enough with an input, as a range without')
    .option('-i, --input <file>', 'the input of the run ("-" reads standard input)')
    .option('--recorded <file>', 'tokens and times of a real run: what "show <run> --history" printed')
    .option('--runs <n>', 'so many runs', '1')
    .option('--json', 'print JSON')
    .action(async (workflow: string, options) => finish(await (await import('./commands/cost.ts')).cost(workflow, options)));
  command('show <run>', 'show a run: its segments, history, error')
    .option('--state', 'print the state instead')
    .option('--history', 'print the history entries instead, archived ones too')
    .option('--at <n>', 'the state after the n-th result instead of the last; 0 is the beginning')
    .option('--snapshot <which>', 'the state of a snapshot: "pre", "post" or its address')
    .option('--path <path>', 'only this part of it, such as tickets.0.answer')
    .option('--raw', 'leave pointers as they are')
    .addOption(dataDir())
    .option('--json', 'print JSON')
    .action(async (run: string, options) => finish(await (await import('./commands/show.ts')).show(run, options)));
  command('diff <workflow> [other]', 'run a workflow on the first generation and again on v3, or two versions of one on v3, and say where they part')
    .option('-i, --input <file>', 'the input, a JSON object ("-" reads standard input)')
    .addOption(providerUrl())
    .addOption(dataDir())
    .option('--json', 'print one JSON object with every hash')
    .addHelpText(
      'after',
      '\nCalls are made once, in the first run; the second gets what they answered. Exit code 1: they differ.\n\nExample:\n  statebag diff triage.json --input ticket.json',
    )
    .action(async (workflow: string, other: string | undefined, options) => finish(await (await import('./commands/diff.ts')).diff(workflow, other, options)));
  command('list', 'list the runs of this data directory, newest first')
    .addOption(dataDir())
    .option('--json', 'print JSON')
    .action(async (options) => finish(await (await import('./commands/list.ts')).list(options)));
}

function dataDir(): Option {
  return new Option('--data-dir <dir>', 'where runs are kept on this machine').default(DATA_DIR);
}

function providerUrl(): Option {
  const what = 'address of an OpenAI-compatible API for nodes with provider "openai-compatible"; the key is read from STATEBAG_LLM_API_KEY';
  return new Option('--provider-url <url>', what);
}
