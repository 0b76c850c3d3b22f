import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that deploy by themselves, in the order of the data. */
export function deployables(root: string): string[] {
  const services = readdirSync(join(root, 'services')).map((name) => `services/${name}`);
  return [...services, 'stepfunctions'].filter((folder) => existsSync(join(root, folder, 'serverless.yml')));
}
