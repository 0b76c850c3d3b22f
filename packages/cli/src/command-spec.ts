import { type Command, Option } from 'commander';

/** One command of `statebag`: how it is written, what its help says, and what runs it. */
export interface CommandSpec {
  /** Its name and arguments, as commander writes them: `diff <workflow> [other]`. */
  readonly usage: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** Paragraphs below the options in its help. */
  readonly notes?: string;
  /** Loads its code only when it is called, so that --help is instant. Resolves with the exit code. */
  readonly run: Run;
}

/** A command that only holds others: `statebag rollout <command>`. */
export interface CommandGroup {
  readonly usage: string;
  readonly description: string;
  readonly notes: string;
  readonly commands: readonly CommandSpec[];
}

/** As commander calls it: arguments in order, then the options by their camelCase names. */
type Run = (...given: Parameters<Parameters<Command['action']>[0]>) => Promise<number>;

export const option = (flags: string, description: string): Option => new Option(flags, description);

/** Every command that opens a data directory takes it. */
export const CONFIG = option(
  '--config <file>',
  'settings (docs/configuration.md); without it, statebag.config.json or .yaml beside the workflow or here',
);
export const DATA_DIR = option('--data-dir <dir>', 'folder in which runs are kept on this machine').default(
  '.statebag',
);
