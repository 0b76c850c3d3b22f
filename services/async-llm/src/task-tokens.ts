import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { BUDGET } from '@statebag/contracts/limits';
import { shortened } from '@statebag/state-core/core/shortened';

/** Whether somebody still waited. */
export type Delivery = 'delivered' | 'gone';

/** The ends of waiting tasks. */
export interface TaskTokens {
  beat(token: string): Promise<Delivery>;
  succeed(token: string, output: object): Promise<Delivery>;
  fail(token: string, failure: { readonly error: string; readonly cause: string }): Promise<Delivery>;
}

/** What Step Functions says of a task that timed out, was answered, or ended with its execution. */
const GONE: ReadonlySet<string> = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);
const ERROR_NAME_CHARACTERS = 256;

export function taskTokens(client: SFNClient): TaskTokens {
  return {
    beat: (taskToken) => delivered(client.send(new SendTaskHeartbeatCommand({ taskToken }))),
    succeed: (taskToken, output) =>
      delivered(client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }))),
    fail: (taskToken, { error, cause }) =>
      delivered(
        client.send(
          new SendTaskFailureCommand({
            taskToken,
            error: error.slice(0, ERROR_NAME_CHARACTERS),
            cause: shortened(cause, BUDGET.cause),
          }),
        ),
      ),
  };
}

async function delivered(sending: Promise<unknown>): Promise<Delivery> {
  try {
    await sending;
    return 'delivered';
  } catch (error) {
    // an outcome of its own: the caller says so in the log
    if (error instanceof Error && GONE.has(error.name)) return 'gone';
    throw error;
  }
}
