import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { answerOf, type RunRecord } from '@statebag/runs';
import { openLegacyBag } from '@statebag/state-core/legacy';
import type { RunsDeps } from '../open-runs-deps.ts';
import type { RunIds, StatusChange } from './status-change.ts';

const PAGE = 1_000;

/**
 * Keeps an end with its figures, for whoever compares generations. It comes last: an end is told even where
 * its figures cannot be had.
 */
export async function keepEnd(
  { runs, sfn }: Pick<RunsDeps, 'runs' | 'sfn'>,
  run: RunRecord,
  change: StatusChange,
): Promise<void> {
  const { execution_arn, generation, started_at, ended_at, output } = change;
  const { execution_id, owner_id, workflow_id, definition_id, status } = run;
  if (status === 'RUNNING') return; // it was resumed since
  const { entered, hasParts } = await statesEntered(sfn, execution_arn);
  const ids = { execution_id, owner_id, workflow_id, definition_id, execution_arn, generation };
  const figures = { transitions: entered, tokens_nano_usd: tokensIn(output) };
  await runs.recordEnd({ ...ids, status, started_at, ended_at, ...figures }, hasParts);
}

/** Keeps what a part of a run took: it counts with its run, whichever of them is told of first. */
export async function keepPart(
  { runs, sfn }: Pick<RunsDeps, 'runs' | 'sfn'>,
  { execution_id }: RunIds,
  change: StatusChange,
): Promise<void> {
  const { execution_arn, ended_at } = change;
  await runs.recordPart({
    execution_id,
    execution_arn,
    ended_at,
    transitions: (await statesEntered(sfn, execution_arn)).entered,
  });
}

interface Entered {
  readonly entered: number;
  /** It started further executions, or a list. */
  readonly hasParts: boolean;
}

async function statesEntered(sfn: SFNClient, executionArn: string): Promise<Entered> {
  let [entered, hasParts, nextToken]: [number, boolean, string | undefined] = [0, false, undefined];
  do {
    const command: GetExecutionHistoryCommand = new GetExecutionHistoryCommand({
      executionArn,
      maxResults: PAGE,
      includeExecutionData: false,
      nextToken,
    });
    const page = await answerOf(executionArn, () => sfn.send(command));
    entered += (page.events ?? []).filter(({ type }) => type?.endsWith('StateEntered')).length;
    hasParts ||= (page.events ?? []).some(startsPart);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return { entered, hasParts };
}

function startsPart({ type, taskScheduledEventDetails: task }: HistoryEvent): boolean {
  return type === 'MapRunStarted' || task?.resourceType === 'states';
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
