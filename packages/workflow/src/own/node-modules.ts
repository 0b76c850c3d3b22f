import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const MODULE = /^(?!.*\.(?:test|spec|d)\.[cm]?[jt]s$)[^.].*\.[cm]?[jt]s$/;

/** Said of a folder that is not there, by the functions that run nodes of a project and by no others. */
export const NO_FOLDER = 'there is no such folder of nodes';

/** The modules of a folder of nodes, in the order of their names; its tests are none. */
export function nodeModules(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && MODULE.test(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}
