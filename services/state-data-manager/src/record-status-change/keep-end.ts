import { isJsonObject, type JsonObject } from '@statebag/contracts';
import type { RunRecord } from '@statebag/runs';
import { openLegacyBag } from '@statebag/state-core/legacy';
import type { Recorder } from './recorder.ts';
import type { StatusChange } from './status-change.ts';

/**
 * Keeps an end with what its event says of it, for whoever compares generations. It comes last: an end is told
 * even where its figures cannot be kept. States that were entered are not among them: only the history has
 * them, which Step Functions reads 20 times a second for the whole account. Whoever compares reads those of a
 * sample.
 */
export async function keepEnd(
  { runs }: Pick<Recorder, 'runs'>,
  run: RunRecord,
  change: StatusChange,
): Promise<void> {
  const { execution_arn, generation, started_at, ended_at, output } = change;
  const { execution_id, owner_id, workflow_id, definition_id, status } = run;
  if (status === 'RUNNING') return; // it was resumed since
  const ids = { execution_id, owner_id, workflow_id, definition_id, execution_arn, generation };
  await runs.recordEnd({ ...ids, status, started_at, ended_at, tokens_nano_usd: tokensIn(output) });
}

/** Of the bag that the execution ended with, where the event has it. */
function tokensIn(output: string | undefined): number | undefined {
  const ended: unknown = output === undefined ? undefined : JSON.parse(output);
  const bag =
    isJsonObject(ended) && isJsonObject(ended['state_data'])
      ? openLegacyBag(ended['state_data'] as JsonObject)
      : {};
  const usage = bag['usage'];
  const cost = isJsonObject(usage) ? usage['cost_nano_usd'] : undefined;
  return typeof cost === 'number' ? cost : undefined;
}
