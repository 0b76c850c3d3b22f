import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { isStatebagError, type JsonObject, type Timestamp } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import { openRuns } from '@statebag/runs';
import { type AppOptions, type DeployedTestApp, statesEntered } from '../deployed-app.ts';

type Between = NonNullable<AppOptions['between']>;

/** Hours of evaluations, none of which is long. */
const ENDLESS: JsonObject = {
  name: 'endless',
  initial_state: { n: 0 },
  nodes: [
    {
      id: 'again',
      type: 'loop',
      config: {
        until: '{% n < 0 %}',
        max_iterations: 10_000,
        body: {
          nodes: [
            {
              id: 'work',
              type: 'operator',
              config: { set: { n: '{% $sum($map([1..20000], function($v) { $v % 7 })) %}' } },
            },
          ],
        },
      },
    },
  ],
};
const RUN = 'endless-and-cancelled' as ExecutionId; // an id by sight
/** It is asked once a second of evaluations; without that it would go on for a minute. */
const STOPS_WITHIN_MS = 20_000;

let working: Promise<unknown> = Promise.resolve();

/** Sees when the function that works for this run has ended. */
export const betweenInvocations: Between = (invocation, invoke) => {
  const answer = invoke(invocation);
  if (invocation.functionName.includes('executeSegment') && invocation.payload.includes(RUN))
    working = answer;
  return answer;
};

/**
 * A function of a run that was stopped goes on until it notices: in the middle of evaluations, too. @throws where
 * it does not
 */
export async function stopsEvaluating(app: DeployedTestApp, table: string): Promise<void> {
  const executionArn = await app.start(ENDLESS, { name: RUN });
  const client = new DynamoDBClient(app.cloud.clientOptions);
  try {
    await markCancelled(openRuns({ client, table }));
    while (!(await statesSoFar(app, executionArn)).includes('InitializeStateBag')) await pause(50);
    await app.sfn.send(new StopExecutionCommand({ executionArn, error: 'Run.Cancelled' }));
    const late = once(AbortSignal.timeout(STOPS_WITHIN_MS), 'abort').then(() => 'late' as const);
    if ((await Promise.race([working, late])) === 'late')
      throw new Error(`a cancelled run still evaluates after ${STOPS_WITHIN_MS} ms`);
  } finally {
    client.destroy();
  }
}

async function statesSoFar(app: DeployedTestApp, executionArn: string): Promise<readonly string[]> {
  return statesEntered(await app.history(executionArn));
}

/** The run is recorded as soon as the status event of its beginning has come. */
async function markCancelled(runs: ReturnType<typeof openRuns>): Promise<void> {
  for (;;) {
    try {
      await runs.markCancelled(RUN, { by: 'test', at: new Date().toISOString() as Timestamp }); // that form
      return;
    } catch (error) {
      if (!isStatebagError(error) || error.name !== 'Run.NotFound') throw error;
      await pause(50);
    }
  }
}
