import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Journal } from '@statebag/states';
import type { Change, Level } from './journal-level.ts';

/** dynalite over a database of its own, as far as it is read here. */
interface OwnStore {
  readonly db: {
    iterator(): AsyncIterable<readonly [key: string, value: unknown]>;
    close(): Promise<void>;
  };
}

/** Until 2026-12 items were in a LevelDB beside the journal: moves what it has, and removes it. */
export async function takeOver(
  dataDir: string,
  { level, journal }: { readonly level: Level; readonly journal: Journal },
): Promise<void> {
  const path = join(dataDir, 'dynamodb');
  if (!existsSync(path)) return;
  const database: { create(options: object): OwnStore } = createRequire(import.meta.url)('dynalite/db');
  const { db } = database.create({ path });
  const changes: Change[] = [];
  for await (const [key, value] of db.iterator()) changes.push({ type: 'put', key, value });
  await db.close();
  await new Promise<void>((resolve) => level.batch(changes, () => resolve()));
  // a crash before the folder is gone moves the same again: nobody was answered meanwhile
  await journal.flush();
  rmSync(path, { recursive: true });
}
