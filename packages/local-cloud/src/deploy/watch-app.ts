import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import { type DeployedApp, type DeployOptions, deployApp } from './deploy-app.ts';
import { machineTemplates } from './read-app.ts';

export interface WatchEvents {
  /** The app was deployed again after a change. */
  onDeployed(app: DeployedApp): void;
  /** A change that cannot be deployed; what was deployed before stays in place. */
  onRefused(error: unknown): void;
}

export interface AppWatch {
  /** Stops watching; resolves when no deployment is under way any more. */
  close(): Promise<void>;
}

/** Editors write a file in several steps, and tools several files at once. */
const SETTLE_MS = 80;

interface Watched {
  readonly options: DeployOptions;
  readonly deployed: DeployedApp;
  readonly events: WatchEvents;
  /** What it is deployed with from now on; `options` if not given. */
  readonly current?: () => Promise<DeployOptions>;
  /** Folders besides those of its sources, with what is in them. */
  readonly folders?: readonly string[];
}

const withFolders = (folder: string): readonly string[] => [
  folder,
  ...subdirectories(folder).flatMap(withFolders),
];

/** Deploys an app again whenever one of the files it was made from changes. */
export function watchApp(
  cloud: LocalCloud,
  { options, deployed, events, current = async () => options, folders = [] }: Watched,
): AppWatch {
  const redeploy = async (): Promise<void> => {
    try {
      const app = await deployApp(cloud, await current());
      files.cover(directoriesOf(app, options.root));
      events.onDeployed(app);
    } catch (error) {
      events.onRefused(error);
    }
  };
  const files = createFileWatch(redeploy, isSource);
  files.cover([...directoriesOf(deployed, options.root), ...folders.flatMap(withFolders)]);
  return { close: files.close };
}

/** Calls back, one call at a time, when files in the covered directories have changed and settled. */
export function createFileWatch(onChange: () => Promise<void>, counts: (file: string | null) => boolean) {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let underway = Promise.resolve();
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      underway = underway.then(onChange);
    }, SETTLE_MS);
  };
  return {
    cover: (directories: Iterable<string>): void => {
      for (const directory of directories) {
        if (!watchers.has(directory))
          watchers.set(
            directory,
            watch(directory, (_, file) => (counts(file) ? changed() : undefined)),
          );
      }
    },
    close: (): Promise<void> => {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      return underway;
    },
  };
}

/**
 * Directories are watched rather than files: a file that is replaced by another of the same name stays
 * watched.
 */
function directoriesOf({ sources }: DeployedApp, root: string): Set<string> {
  const definitions = machineTemplates(root).flatMap((file) => [
    dirname(file),
    ...subdirectories(dirname(file)),
  ]);
  return new Set([root, ...sources.map((file) => dirname(file)), ...definitions]);
}

function subdirectories(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
    .map(({ name }) => join(directory, name));
}

function isSource(file: string | null): boolean {
  return (
    file === null || (/\.(ts|mts|cts|js|mjs|cjs|json|ya?ml|md)$/.test(file) && !file.endsWith('.test.ts'))
  );
}
