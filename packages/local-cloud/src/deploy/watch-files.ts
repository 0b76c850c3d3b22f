import { type FSWatcher, watch } from 'node:fs';

/** Whoever watches an app. */
export interface AppWatch {
  /** Stops watching; resolves when no deployment is under way any more. */
  close(): Promise<void>;
}

export interface FileWatch extends AppWatch {
  /** Watches further directories. */
  cover(directories: Iterable<string>): void;
}

/** Editors write a file in several steps, and tools several files at once. */
const SETTLE_MS = 80;

/** Calls back, one call at a time, when files in the covered directories have changed and settled. */
export function watchFiles(
  onChange: () => Promise<void>,
  counts: (file: string | null) => boolean,
): FileWatch {
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
    cover: (directories) => {
      for (const directory of directories) {
        if (!watchers.has(directory))
          watchers.set(
            directory,
            watch(directory, (_, file) => (counts(file) ? changed() : undefined)),
          );
      }
    },
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      return underway;
    },
  };
}
