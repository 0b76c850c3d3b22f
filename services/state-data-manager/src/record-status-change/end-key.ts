import { isJsonObject, type Json, StatebagError } from '@statebag/contracts';
import { answerOf, type KeyOutcome } from '@statebag/runs';
import type { Executions, Recorder } from './recorder.ts';
import { keyOfExecution, type StatusChange } from './status-change.ts';

/**
 * Ends what a first-generation execution holds under its key. Its machine does that itself, unless it was
 * stopped, timed out or broke off:
 * then nobody could start the run again.
 */
export async function endKey(
  { runs, executions }: Pick<Recorder, 'runs' | 'executions'>,
  change: StatusChange,
  input: string,
): Promise<void> {
  const { generation, execution_arn, ended_at } = change;
  if (generation !== 'legacy') return;
  const key = keyOfExecution(change, input);
  if (key) await runs.endKey({ ...key, execution_arn, ended_at }, () => outcomeOf(executions, change));
}

async function outcomeOf(
  executions: Executions,
  { status, error, execution_arn, output }: StatusChange,
): Promise<KeyOutcome> {
  if (status !== 'SUCCEEDED') return { status: 'FAILED', error: error ?? status };
  return {
    status: 'COMPLETE',
    result: JSON.stringify(bagIn(output ?? (await outputOf(executions, execution_arn)), execution_arn)),
  };
}

/** Events leave out what is large. */
async function outputOf(executions: Executions, executionArn: string): Promise<string | undefined> {
  const { output } = await answerOf(executionArn, () => executions.describeExecution({ executionArn }));
  return output;
}

/** What the machine itself keeps for whoever starts the run again. */
function bagIn(output: string | undefined, execution_arn: string): Json {
  const ended: unknown = output === undefined ? undefined : JSON.parse(output);
  const bag = isJsonObject(ended) ? ended['state_data'] : undefined;
  if (isJsonObject(bag)) return bag as Json; // it was read as JSON
  throw new StatebagError('Contract.EventRejected', `${execution_arn} succeeded and left no bag`);
}
