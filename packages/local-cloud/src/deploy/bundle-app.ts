import { join } from 'node:path';
import { bundleFunction } from './bundle.ts';
import { readService, serviceTemplates } from './read-app.ts';

export interface BundledFunction {
  readonly name: string;
  /** Path of the handler's module without its extension. */
  readonly entry: string;
  /** The bundle, ready to be loaded by a process of its own. */
  readonly file: string;
  /** What the function finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

const NOWHERE = { stage: 'local', account: '000000000000', region: 'us-east-1', parameters: {} };

/** Bundles every function of an app without deploying it. */
export async function bundleApp(root: string): Promise<BundledFunction[]> {
  const services = await Promise.all(serviceTemplates(root).map((file) => readService(file, NOWHERE)));
  const functions = services.flatMap((service) => service.functions.map((fn) => ({ service, fn })));
  return Promise.all(
    functions.map(async ({ service, fn }) => {
      const name = join(service.name, fn.key);
      await bundleFunction({ root, name, entry: fn.entry, bundling: service.bundling });
      return {
        name: fn.key,
        entry: fn.entry,
        file: join(root, '.build', `${name}.cjs`),
        environment: { AWS_REGION: NOWHERE.region, ...fn.environment },
      };
    }),
  );
}
