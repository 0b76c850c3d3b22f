import { buildCreate } from './build-create.ts';
import { buildLibrary } from './build-library.ts';
import { buildStatebag } from './build-statebag.ts';
import { buildTesting } from './build-testing.ts';

/** A package that npm gets. */
export interface Published {
  /** Its folder in the repository: name, version and description stand in the package.json there. */
  readonly folder: string;
  /** Writes what is published into an empty folder, and gives what its package.json says besides. */
  build(target: string): Promise<object>;
}

function library(folder: string): Published {
  return { folder, build: (target) => buildLibrary(folder, target) };
}

/** Every package that is published. All others are private and go into these as bundles. */
export const PUBLISHED: readonly Published[] = [
  library('packages/offload'),
  library('packages/node'),
  { folder: 'packages/testing', build: buildTesting },
  { folder: 'packages/create-statebag', build: buildCreate },
  { folder: 'packages/cli', build: buildStatebag },
];
