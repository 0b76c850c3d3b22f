import { GetExecutionHistoryCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { answerOf, type TerminalStatus } from '@statebag/runs';
import { openLegacyBag } from '@statebag/state-core/legacy';
import type { RecorderDeps } from './record-status-change.ts';
import type { RunIds, StatusChange } from './status-change.ts';

const PAGE = 1_000;

/** Keeps an end with its figures, for whoever compares generations. It comes last: an end is told even where its figures cannot be had. */
export async function keepEnd({ runs, sfn }: Pick<RecorderDeps, 'runs' | 'sfn'>, ids: RunIds, change: StatusChange): Promise<void> {
  const { execution_arn, generation, started_at, ended_at, output } = change;
  const run = await runs.getRun(ids.execution_id);
  if (run?.execution_arns.at(-1) !== execution_arn || run.status === 'RUNNING') return;
  const { execution_id, owner_id, workflow_id, definition_id } = run;
  const status: TerminalStatus = run.status;
  const figures = { transitions: await statesEntered(sfn, execution_arn), tokens_nano_usd: tokensIn(output) };
  await runs.recordEnd({ ...{ execution_id, owner_id, workflow_id, definition_id }, execution_arn, generation, status, started_at, ended_at, ...figures });
}

/** Keeps what a part of a run took: it counts with its run, whichever of them is told of first. */
export async function keepPart({ runs, sfn }: Pick<RecorderDeps, 'runs' | 'sfn'>, { execution_id }: RunIds, change: StatusChange): Promise<void> {
  const { execution_arn, ended_at } = change;
  await runs.recordPart({ execution_id, execution_arn, ended_at, transitions: await statesEntered(sfn, execution_arn) });
}

async function statesEntered(sfn: SFNClient, executionArn: string): Promise<number> {
  let [entered, nextToken]: [number, string | undefined] = [0, undefined];
  do {
    const command: GetExecutionHistoryCommand = new GetExecutionHistoryCommand({ executionArn, maxResults: PAGE, includeExecutionData: false, nextToken });
    const page = await answerOf(executionArn, () => sfn.send(command));
    entered += (page.events ?? []).filter(({ type }) => type?.endsWith('StateEntered')).length;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return entered;
}

/** Of the bag that the execution ended with, where the event has it. */
function tokensIn(output: string | undefined): number | undefined {
  const ended: unknown = output === undefined ? undefined : JSON.parse(output);
  const bag = isJsonObject(ended) && isJsonObject(ended['state_data']) ? openLegacyBag(ended['state_data'] as JsonObject) : {};
  const usage = bag['usage'];
  const cost = isJsonObject(usage) ? usage['cost_nano_usd'] : undefined;
  return typeof cost === 'number' ? cost : undefined;
}
