import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  comparePermissions,
  isUsed,
  readWitnesses,
  statementsOfRoles,
} from '@statebag/deployment/permissions';
import type { Findings } from './check.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Every right of every role is used by a test that is there, or says why none does. */
export async function checkPermissions(): Promise<Findings> {
  const [statements, witnesses] = [await statementsOfRoles(), readWitnesses()];
  const suites = new Set(Object.values(witnesses).flatMap((rights) => Object.values(rights).flat()));
  const missing = [...suites].filter((suite) => !existsSync(join(ROOT, suite)));
  return {
    problems: [
      ...comparePermissions(statements, witnesses),
      ...missing.map(
        (suite) => `witnesses.json names ${suite}, which is gone: npm run permissions -- --record`,
      ),
    ],
    report: `${statements.length} statements, ${statements.filter((each) => isUsed(each, witnesses)).length} of them used by tests`,
  };
}
