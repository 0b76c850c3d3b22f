import { type ModuleCheck, moduleCheck, shapedError } from '@statebag/step-kit';
import { endedExecution } from '../begin-shadow/ended-execution.ts';
import { openReplays } from '../shadow-config.ts';
import { recordShadow } from './record-shadow.ts';

const deps = openReplays(process.env);

export async function handler(event: unknown, context: object): Promise<ModuleCheck | undefined> {
  const probe = moduleCheck(event, context);
  if (probe) return probe;
  try {
    await recordShadow(deps, endedExecution(event));
    return undefined;
  } catch (error) {
    throw shapedError(error);
  }
}
