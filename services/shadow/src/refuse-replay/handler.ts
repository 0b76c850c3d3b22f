import { SendTaskFailureCommand, SFNClient } from '@aws-sdk/client-sfn';
import { accept } from '@statebag/contracts';
import type { AsyncLlmEvent } from '@statebag/contracts/schemas/events';
import { validateAsyncLlmEvent } from '@statebag/contracts/validators';
import { type ModuleCheck, moduleCheck } from '@statebag/step-kit';

const sfn = new SFNClient({});

/** A segment hands a call over only where the ledger does not have it: in a replay that is a miss. */
export async function handler(event: unknown, context: object): Promise<ModuleCheck | undefined> {
  const probe = moduleCheck(event, context);
  if (probe) return probe;
  const { task_token: taskToken } = accept<AsyncLlmEvent>(validateAsyncLlmEvent, event, 'event');
  const cause = 'the replay asks a model that the run did not ask; nothing was called';
  await sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Ledger.ShadowMiss', cause }));
  return undefined;
}
