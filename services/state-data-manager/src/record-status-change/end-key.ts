import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { isJsonObject, type Json, StatebagError } from '@statebag/contracts';
import { answerOf, type KeyOutcome } from '@statebag/runs';
import type { RunsDeps } from '../open-runs-deps.ts';
import { keyOfExecution, type StatusChange } from './status-change.ts';

/**
 * Ends what a first-generation execution holds under its key. Its machine does that itself, unless it was
 * stopped, timed out or broke off:
 * then nobody could start the run again.
 */
export async function endKey(
  { runs, sfn }: Pick<RunsDeps, 'runs' | 'sfn'>,
  change: StatusChange,
  input: string,
): Promise<void> {
  const { generation, execution_arn, ended_at } = change;
  if (generation !== 'legacy') return;
  const key = keyOfExecution(change, input);
  if (key) await runs.endKey({ ...key, execution_arn, ended_at }, () => outcomeOf(sfn, change));
}

async function outcomeOf(
  sfn: SFNClient,
  { status, error, execution_arn, output }: StatusChange,
): Promise<KeyOutcome> {
  if (status !== 'SUCCEEDED') return { status: 'FAILED', error: error ?? status };
  return {
    status: 'COMPLETE',
    result: JSON.stringify(bagIn(output ?? (await outputOf(sfn, execution_arn)), execution_arn)),
  };
}

/** Events leave out what is large. */
async function outputOf(sfn: SFNClient, executionArn: string): Promise<string | undefined> {
  const { output } = await answerOf(executionArn, () =>
    sfn.send(new DescribeExecutionCommand({ executionArn })),
  );
  return output;
}

/** What the machine itself keeps for whoever starts the run again. */
function bagIn(output: string | undefined, execution_arn: string): Json {
  const ended: unknown = output === undefined ? undefined : JSON.parse(output);
  const bag = isJsonObject(ended) ? ended['state_data'] : undefined;
  if (isJsonObject(bag)) return bag as Json; // it was read as JSON
  throw new StatebagError('Contract.EventRejected', `${execution_arn} succeeded and left no bag`);
}
