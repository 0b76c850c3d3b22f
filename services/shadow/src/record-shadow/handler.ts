import { shapedError } from '@statebag/step-kit';
import { endedExecution } from '../begin-shadow/ended-execution.ts';
import { openReplays } from '../shadow-config.ts';
import { recordShadow } from './record-shadow.ts';

const deps = openReplays(process.env);

export async function handler(event: unknown): Promise<void> {
  try {
    await recordShadow(deps, endedExecution(event));
  } catch (error) {
    throw shapedError(error);
  }
}
