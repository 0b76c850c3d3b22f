import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import type { LocalConfig } from '@statebag/deployment/local-config';
import { parse, YAMLParseError } from 'yaml';
import { UsageError } from '../exit.ts';
import { readText } from '../run/load-files.ts';

/** Where a command line is looked at: what it gives, and the folders in which a configuration may lie. */
export interface Asked {
  /** `--config`. */
  readonly config?: string | undefined;
  readonly dataDir: string;
  /** Whether the caller wrote `--data-dir`. */
  readonly dataDirGiven: boolean;
  readonly workflow?: string | undefined;
}

export interface Found {
  readonly dataDir: string;
  readonly localConfig: LocalConfig;
  /** The folder of the project's node types: the one that is named, else `nodes` beside the workflow. */
  readonly nodes?: string;
}

const NAMES = ['statebag.config.json', 'statebag.config.yaml', 'statebag.config.yml'];

/**
 * The configuration of a command: the file that is named, else one beside the workflow, beside the data
 * directory, or in the current folder; else none. @throws UsageError for one that cannot be used
 */
export async function findConfig({ config, dataDir, dataDirGiven, workflow }: Asked): Promise<Found> {
  const folders = [
    ...(workflow === undefined || workflow === '-' ? [] : [dirname(workflow)]),
    ...(dataDirGiven ? [dirname(dataDir)] : []),
    '.',
  ];
  const file = config ?? firstIn(folders);
  const localConfig = file === undefined ? {} : await readConfig(file);
  const here = file === undefined ? '.' : dirname(file);
  const isKept = dataDirGiven || localConfig.data_dir === undefined;
  return {
    dataDir: isKept ? dataDir : normalize(join(here, localConfig.data_dir ?? '')),
    localConfig,
    ...nodesOf(localConfig, here, workflow),
  };
}

function nodesOf({ nodes }: LocalConfig, here: string, workflow: string | undefined): Pick<Found, 'nodes'> {
  if (nodes !== undefined) return { nodes: existing(resolve(here, nodes)) };
  const beside = workflow === undefined || workflow === '-' ? undefined : resolve(dirname(workflow), 'nodes');
  return beside !== undefined && isFolder(beside) ? { nodes: beside } : {};
}

function existing(folder: string): string {
  if (isFolder(folder)) return folder;
  throw new UsageError(
    `${folder}: there is no such folder\n  mend: correct \`nodes\` in the configuration, or make the folder`,
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function firstIn(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const [file, other] = NAMES.map((name) => join(folder, name)).filter((path) => existsSync(path));
    if (other !== undefined)
      throw new UsageError(`${other}: ${file} lies beside it\n  mend: keep one of the two`);
    if (file !== undefined) return file;
  }
  return undefined;
}

async function readConfig(file: string): Promise<LocalConfig> {
  const value = parsed(file, await readText(file));
  // with its schemas it is 700 modules, and most commands have no file to hold against them
  const { problemsOf } = await import('@statebag/deployment/local-config');
  const problems = problemsOf(value);
  // an empty problem list says that it has the shape
  if (problems.length === 0) return value as LocalConfig;
  throw new UsageError(
    problems.map(({ message, mend }) => `${file}: ${message}\n  mend: ${mend}`).join('\n'),
  );
}

/** YAML's parser reads both: JSON is YAML, and it refuses a key that stands twice. */
function parsed(file: string, text: string): unknown {
  try {
    return parse(text, { prettyErrors: true }) ?? {};
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UsageError(`${file}: ${error.message.trimEnd()}\n  mend: correct the text at the named place`);
  }
}
