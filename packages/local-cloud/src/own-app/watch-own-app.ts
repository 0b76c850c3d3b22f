import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import { type AppWatch, watchFiles } from '../deploy/watch-files.ts';
import { deployOwnApp, type OwnApp, type OwnAppOptions } from './deploy-own-app.ts';

export interface OwnWatchEvents {
  /** The application was deployed again after a change. */
  onDeployed(app: OwnApp): void;
  /** A change that cannot be deployed; what was deployed before stays in place. */
  onRefused(error: unknown): void;
}

/** Deploys an application of others again whenever its template, its definitions or its code change. */
export function watchOwnApp(
  cloud: LocalCloud,
  { options, deployed, events }: { options: OwnAppOptions; deployed: OwnApp; events: OwnWatchEvents },
): AppWatch {
  const redeploy = async (): Promise<void> => {
    try {
      const app = await deployOwnApp(cloud, options);
      files.cover(foldersOf(app));
      events.onDeployed(app);
    } catch (error) {
      events.onRefused(error);
    }
  };
  const files = watchFiles(redeploy, isOfApp);
  files.cover(foldersOf(deployed));
  return { close: files.close };
}

/** Libraries change by hand, and not while one works on an application. */
const NOT_WATCHED = new Set(['node_modules', '__pycache__']);

function foldersOf({ sources }: OwnApp): Set<string> {
  return new Set(
    sources.flatMap((path) =>
      existsSync(path) && statSync(path).isDirectory() ? [path, ...foldersUnder(path)] : [dirname(path)],
    ),
  );
}

function foldersUnder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !NOT_WATCHED.has(entry.name) && !entry.name.startsWith('.'))
    .flatMap(({ name }) => [join(folder, name), ...foldersUnder(join(folder, name))]);
}

/** Editors write files of their own beside those that they change. */
function isOfApp(file: string | null): boolean {
  return file === null || !/^\.|~$|\.(swp|tmp|pyc)$|^__pycache__$|^\d+$/.test(basename(file));
}
