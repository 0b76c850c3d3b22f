import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { StatebagError } from '@statebag/contracts';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import type { RunRecord } from '@statebag/runs';
import { BEGINNING, envelopesIn, readHistory } from '@statebag/runs/history';
import { openLegacyBag } from '@statebag/state-core/legacy';
import type { Api } from '../open-api.ts';

const PLACE = /^([A-Za-z0-9_.:-]{1,80})~(\d{1,6})$/;

/**
 * The bag that an event of one of a run's executions left; of the event that entered the run's first task, the
 * bag that it began with. @throws `Contract.EventRejected` where the address
 * leads to no bag of this very run
 */
export async function bagAt({ sfn }: Pick<Api, 'sfn'>, run: RunRecord, at: string): Promise<StateBag> {
  const [, name, event] = PLACE.exec(at) ?? [];
  const [first] = run.execution_arns;
  if (name === undefined || first === undefined || name.includes(':')) throw nowhere(at);
  const arn = first.replace(/[^:]+$/, () => name);
  const bag = bagOf(await eventsOf(sfn, arn, at), Number(event));
  if (bag === undefined) throw nowhere(at);
  // the sync core wrote it, or the first generation did
  const opened = run.generation === 'v3' ? bag : (openLegacyBag(bag as never) as unknown as StateBag);
  if (opened.execution_id === run.execution_id && opened.owner_id === run.owner_id) return opened;
  throw nowhere(at);
}

function bagOf(events: readonly HistoryEvent[], event: number): StateBag | undefined {
  const found = events.find(({ id }) => id === event);
  const left = found?.stateExitedEventDetails;
  if (left) return [...envelopesIn(left.output)][0]?.state_data;
  if (found?.stateEnteredEventDetails?.name !== BEGINNING) return undefined;
  const begun = events.find(({ stateExitedEventDetails }) => stateExitedEventDetails?.name === BEGINNING);
  return [...envelopesIn(begun?.stateExitedEventDetails?.output)].at(-1)?.state_data;
}

async function eventsOf(sfn: Api['sfn'], arn: string, at: string) {
  try {
    return await readHistory(sfn, arn);
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') throw nowhere(at);
    throw error;
  }
}

function nowhere(at: string): StatebagError {
  return new StatebagError('Contract.EventRejected', `at ${JSON.stringify(at)} leads to no bag of this run`);
}
