import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';

const FOLDER = join(import.meta.dirname, 'scenarios');

/** Every scenario by its name, which is its file's. */
export async function loadScenarios(): Promise<ReadonlyMap<string, Scenario>> {
  const names = readdirSync(FOLDER)
    .sort()
    .map((file) => file.replace('.ts', ''));
  // every file there exports one
  const loaded = await Promise.all(
    names.map(
      async (name) =>
        [name, ((await import(`./scenarios/${name}.ts`)) as { scenario: Scenario }).scenario] as const,
    ),
  );
  return new Map(loaded);
}
