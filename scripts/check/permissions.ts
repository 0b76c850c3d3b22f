import { comparePermissions, readRecordedCalls, rightsOfFunctions } from '@statebag/deployment/permissions';
import type { Findings } from './check.ts';

/**
 * What functions were seen to call in tests against what their roles allow: nothing missing, nothing too
 * much.
 */
export async function checkPermissions(): Promise<Findings> {
  const [rights, recorded] = [await rightsOfFunctions(), readRecordedCalls()];
  return {
    problems: comparePermissions(rights, recorded),
    report: `${rights.length} rights, ${Object.values(recorded).flat().length} kinds of calls`,
  };
}
