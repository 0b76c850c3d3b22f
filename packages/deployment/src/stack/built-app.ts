import type { Bundle } from '@statebag/local-cloud';
import { isOfResources, prefixOf } from '../project/app.ts';
import { makeApp, type ReadApp, readyApp } from './app-of-checkout.ts';
import { bundleAll, bundleDeclared, functionsOf } from './bundles.ts';

/** Choices that are a text in the templates, and those that make them others. */
export function sorted(parameters: Readonly<Record<string, string>>) {
  const entries = Object.entries(parameters);
  return {
    choices: Object.fromEntries(entries.filter(([name]) => !isOfResources(name))),
    structural: Object.fromEntries(entries.filter(([name]) => isOfResources(name))),
  };
}

/** The app with all that is made of its sources. */
export interface BuiltApp extends ReadApp {
  /** By logical id. */
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** Templates that have to be made are made beside the bundles. */
export async function builtApp(
  structural: Readonly<Record<string, string>>,
  onPackaging: (() => void) | undefined,
): Promise<BuiltApp> {
  const ready = await readyApp(structural);
  if (ready !== undefined) return withBundles(ready, await bundleAll([...functionsOf(ready.app).values()]));
  onPackaging?.();
  const [made, bundled] = await Promise.all([makeApp(structural), bundleDeclared()]);
  return withBundles(made, bundled);
}

function withBundles(read: ReadApp, bundled: ReadonlyMap<string, Bundle>): BuiltApp {
  const bundles = [...functionsOf(read.app)].map(
    ([id, { entry }]) => [id, required(bundled, entry)] as const,
  );
  return { ...read, bundles: new Map(bundles) };
}

/** The stacks of some services alone. Resources are called after the services that they are of. */
export function withOnly({ app, bundles, ...built }: BuiltApp, folders: readonly string[]): BuiltApp {
  const prefixes = folders.map(prefixOf);
  const isWanted = (id: string) => prefixes.some((prefix) => id.startsWith(prefix));
  const wanted = <Value>(values: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(values).filter(([id]) => isWanted(id)));
  return {
    ...built,
    app: { ...app, Resources: wanted(app.Resources), functions: wanted(app.functions), Outputs: {} },
    bundles: new Map([...bundles].filter(([id]) => isWanted(id))),
  };
}

function required(bundled: ReadonlyMap<string, Bundle>, entry: string): Bundle {
  const bundle = bundled.get(entry);
  if (bundle === undefined) throw new Error(`${entry}: a template has it and no service declares it`);
  return bundle;
}
