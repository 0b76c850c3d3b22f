import { executionArn } from './machine-version.ts';
import type { Starts } from './starts.ts';

/** The service takes a name once: an execution that is there already is this one. Gives its ARN. */
export async function beginExecution(
  starts: Pick<Starts, 'startExecution'>,
  start: { readonly stateMachineArn: string; readonly name: string; readonly input: string },
): Promise<string> {
  try {
    await starts.startExecution(start);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
  }
  return executionArn(start.stateMachineArn, start.name);
}
