import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AppWatch, type LocalCloud, watchFiles } from '@statebag/local-cloud';
import { type DeployedApp, type DeployOptions, deployApp } from './deploy-app.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

export interface WatchEvents {
  /** The app was deployed again after a change. */
  onDeployed(app: DeployedApp): void;
  /** A change that cannot be deployed; what was deployed before stays in place. */
  onRefused(error: unknown): void;
}

interface Watched {
  readonly deployed: DeployedApp;
  readonly events: WatchEvents;
  /** What it is deployed with from now on. */
  readonly current: () => Promise<DeployOptions>;
  /** Folders besides those of its sources, with what is in them. */
  readonly folders?: readonly string[];
}

/** Deploys the app again whenever one of the files it was made from changes. */
export function watchApp(cloud: LocalCloud, { deployed, events, current, folders = [] }: Watched): AppWatch {
  const redeploy = async (): Promise<void> => {
    try {
      const app = await deployApp(cloud, await current());
      files.cover(foldersOf(app));
      events.onDeployed(app);
    } catch (error) {
      events.onRefused(error);
    }
  };
  const files = watchFiles(redeploy, isSource);
  files.cover([...foldersOf(deployed), ...folders.flatMap(withFolders)]);
  return { close: files.close };
}

/**
 * Directories are watched rather than files: a file that is replaced by another of the same name stays
 * watched.
 */
function foldersOf({ sources }: DeployedApp): Set<string> {
  return new Set([ROOT, ...sources.map((file) => dirname(file))]);
}

function withFolders(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const below = entries.filter(
    (entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'),
  );
  return [folder, ...below.flatMap(({ name }) => withFolders(join(folder, name)))];
}

function isSource(file: string | null): boolean {
  return (
    file === null || (/\.(ts|mts|cts|js|mjs|cjs|json|ya?ml|md)$/.test(file) && !file.endsWith('.test.ts'))
  );
}
