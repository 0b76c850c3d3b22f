import { inspect, type ParseArgsConfig, parseArgs } from 'node:util';
import { awsProblem, awsProblemText } from './aws-problem.ts';

/**
 * The options of a command. `--help` prints the usage and ends well; an option that nobody knows, or a value
 * that is missing, ends with exit code 2 and says which. From now on an answer of AWS that ends the command is told in
 * a sentence, with what mends it.
 */
export function commandOptions<T extends ParseArgsConfig>(usage: string, config: T) {
  process.once('uncaughtException', endFor);
  if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs<T>(config);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return refuseCommand(error.message.split('. To specify')[0] ?? error.message, usage);
  }
}

/** Ends a command that was called wrongly. */
export function refuseCommand(problem: string, usage: string): never {
  console.error(`${problem}\n${usage}`);
  process.exit(2);
}

/** What nobody foresaw shows where it happened. */
function endFor(error: unknown): never {
  const known = awsProblem(error);
  console.error(known === undefined ? inspect(error) : awsProblemText(known));
  process.exit(1);
}
