import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Bundle, bundleFunction, DeployError, type LookedAt, READY_BUNDLE } from '@statebag/local-cloud';
import { parse } from 'yaml';
import { STAGE_MARK } from '../package/marks.ts';
import { members } from '../package/template.ts';
import { type AppTemplate, moduleOf } from '../project/app.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/** A function of the app, as far as its code goes. */
export interface FunctionSource {
  /** As its template calls it. */
  readonly service: string;
  /** Its name in the template of its service. */
  readonly key: string;
  /** Path of the handler's module without its extension. */
  readonly entry: string;
}

/** "statebag-async-llm" → "services/async-llm" */
export function folderOf(service: string): string {
  return `services/${service.replace(/^statebag-/, '')}`;
}

/** The functions of an app, by their logical ids. */
export function functionsOf(app: AppTemplate): ReadonlyMap<string, FunctionSource> {
  return new Map(
    Object.entries(app.functions).map(([id, file]) => {
      const name = String(members(app.Resources[id]?.Properties)['FunctionName']);
      const [service = '', key = ''] = name.split(`-${STAGE_MARK}-`);
      return [id, { service, key, entry: join(ROOT, file.slice(0, -READY_BUNDLE.length)) }] as const;
    }),
  );
}

/** The same as the services themselves say it, while nothing is made of them yet. */
export function declaredFunctions(): FunctionSource[] {
  return readdirSync(join(ROOT, 'services')).flatMap((folder) => {
    const place = join(ROOT, 'services', folder);
    const { service, functions = {} } = readService(join(place, 'serverless.yml'));
    return Object.entries(functions).map(([key, { handler }]) => ({
      ...{ service, key },
      entry: join(place, moduleOf(handler)),
    }));
  });
}

interface Service {
  readonly service: string;
  readonly functions?: Readonly<Record<string, { readonly handler: string }>>;
}

/** Bundles functions by their entries. All at once: what is bundled together is parsed once. */
export async function bundleAll(functions: readonly FunctionSource[]): Promise<ReadonlyMap<string, Bundle>> {
  const looked: LookedAt = new Map();
  const settings: Readonly<Record<string, unknown>> = createRequire(import.meta.url)(
    '../../bundling/settings.cjs',
  );
  return new Map(
    await Promise.all(
      functions.map(async ({ service, key, entry }) => {
        const folder = join(ROOT, folderOf(service));
        const bundling = { folder, settings };
        const request = { root: ROOT, name: join(service, key), entry, bundling, looked };
        return [entry, await bundleFunction(request)] as const;
      }),
    ),
  );
}

function readService(file: string): Service {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new DeployError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The same for all functions that services declare. */
export async function bundleDeclared(): Promise<ReadonlyMap<string, Bundle>> {
  return bundleAll(declaredFunctions());
}

export interface BundledFunction {
  readonly key: string;
  /** Path of the handler's module without its extension. */
  readonly entry: string;
  /** The bundle, ready to be loaded by a process of its own. */
  readonly file: string;
}

/** Bundles every function of the app without deploying it. */
export async function bundleApp(): Promise<BundledFunction[]> {
  const functions = declaredFunctions();
  const bundles = await bundleAll(functions);
  return functions.flatMap(({ key, entry }) => {
    const bundle = bundles.get(entry);
    return bundle === undefined ? [] : [{ key, entry, file: bundle.file.path }];
  });
}
