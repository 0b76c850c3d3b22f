import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { awsProblem, awsProblemText } from '@statebag/deployment/aws-problem';
import { Command, CommanderError } from 'commander';
import { CONFIG, type CommandGroup, type CommandSpec } from './command-spec.ts';
import { COMMANDS } from './command-table.ts';
import { EXIT, UsageError } from './exit.ts';
import { commandLine } from './render/command-line.ts';

/**
 * Runs one command line. Resolves with the exit code: 0 succeeded, 1 run failed, 2 usage or invalid workflow.
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  let code: number = EXIT.succeeded;
  const program = statebag((outcome) => {
    code = outcome;
  });
  try {
    await program.parseAsync(withoutIdleHelp(program, args), { from: 'user' });
    return code;
  } catch (error) {
    return exitCodeOf(error);
  }
}

const HELP: ReadonlySet<string> = new Set(['-h', '--help', 'help']);

/**
 * Help that is asked of a command that is not there is taken out, because commander answers it with the help
 * of its parent and says nothing of the mistake.
 */
function withoutIdleHelp(parent: Command, args: readonly string[]): string[] {
  const asked = args[0] === 'help' && args.length > 1 ? [...args.slice(1), '--help'] : [...args];
  const [name = '', ...more] = asked;
  const known = parent.commands.find((command) => command.name() === name);
  if (known && known.commands.length > 0) return [name, ...withoutIdleHelp(known, more)];
  if (known || asked.every((each) => HELP.has(each)) || (name.startsWith('-') && !HELP.has(name)))
    return asked;
  return asked.filter((each) => !HELP.has(each));
}

/** Mistakes the local cloud reports itself, with all a reader needs in the message. */
const REPORTED: ReadonlySet<string> = new Set([
  'LocalCloud.DataDirInUse',
  'LocalCloud.DataDirUnusable',
  'LocalCloud.DeployError',
]);

/** Says what went wrong in a sentence, and resolves to the exit code. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.succeeded : EXIT.usage;
  const reported = error instanceof UsageError || (error instanceof Error && REPORTED.has(error.name));
  process.stderr.write(reported ? `${error.message}\n` : unexpectedText(error));
  return EXIT.usage;
}

/**
 * What AWS answers is told with what mends it. Of everything else nobody foresaw its place in the code is worth
 * something, but only to whoever asks for it.
 */
function unexpectedText(error: unknown): string {
  if (process.env['STATEBAG_DEBUG']) return `${inspect(error)}\n`;
  const known = awsProblem(error);
  if (known !== undefined) return `${awsProblemText(known)}\n`;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `unexpected: ${text}\n  mend: run it again with STATEBAG_DEBUG=1, which shows where it happened, and report it\n`;
}

type Finish = (code: number) => void;

const DESCRIPTION =
  'Durable AI workflows on AWS Step Functions, on AWS and on this machine: no payload exceeds 256 KB.';
const EXIT_CODES = 'Exit codes: 0 succeeded, 1 the run failed, 2 wrong usage or invalid workflow.';

function statebag(finish: Finish): Command {
  const program = new Command('statebag')
    .description(DESCRIPTION)
    .version(versionOf(), '-V, --version', 'print the version')
    .exitOverride()
    .showHelpAfterError(helpHint([]))
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', `\n${EXIT_CODES}`);
  for (const each of COMMANDS) add(program, each, { path: [], finish });
  return program;
}

/** The version of this command line. */
function versionOf(): string {
  const file = new URL('../package.json', import.meta.url);
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'));
  return version;
}

function helpHint(path: readonly string[]): string {
  return `  mend: ${commandLine([...path, '--help'])} says what there is`;
}

interface Added {
  /** The commands it lies in. */
  readonly path: readonly string[];
  readonly finish: Finish;
}

function add(parent: Command, spec: CommandSpec | CommandGroup, { path, finish }: Added): void {
  const command = parent.command(spec.usage).description(spec.description).exitOverride();
  const here = [...path, command.name()];
  command.showHelpAfterError(helpHint(here));
  if (spec.notes !== undefined) command.addHelpText('after', `\n${spec.notes}`);
  if ('commands' in spec) {
    for (const each of spec.commands) add(command, each, { path: here, finish });
    return;
  }
  for (const option of spec.options) command.addOption(option);
  command
    .allowExcessArguments(false)
    .action(async (...given) => finish(await spec.run(...(await configured(spec, command, given)))));
}

type Given = Parameters<CommandSpec['run']>;

/** What commander gives a command, with the options that a configuration file adds. */
async function configured(spec: CommandSpec, command: Command, given: Given): Promise<Given> {
  if (!spec.options.includes(CONFIG)) return given;
  const { findConfig } = await import('./cloud/local-config.ts');
  const options = command.opts();
  const found = await findConfig({
    config: options['config'],
    dataDir: options['dataDir'],
    dataDirGiven: command.getOptionValueSource('dataDir') === 'cli',
    workflow: /<workflow(?:-or-run)?>/.test(spec.usage) ? command.args[0] : undefined,
  });
  return [...command.processedArgs, { ...options, ...found }, command];
}
