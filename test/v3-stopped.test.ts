import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { type AppOptions, DeployedTestApp, transform } from './deployed-app.ts';

type Between = NonNullable<AppOptions['between']>;

/** More items than an inline map takes: a Distributed Map with executions of its own. */
const MAP: JsonObject = {
  name: 'stopped',
  nodes: [
    {
      id: 'many',
      type: 'for_each',
      output_key: 'many',
      config: {
        distributed: 'batched',
        batch_size: 10,
        items: '{% [1..300] %}',
        body: { nodes: [transform('d', '{% $item %}')] },
      },
    },
  ],
};

let app: DeployedTestApp;
let workers = 0;
const released = Promise.withResolvers<void>();
/** Workers of maps wait until they are let go; everything else is the deployed code. */
const between: Between = async (invocation, invoke) => {
  if (!invocation.functionName.includes('processSegmentChunk')) return invoke(invocation);
  workers += 1;
  await released.promise;
  return invoke(invocation);
};
beforeAll(async () => {
  app = await DeployedTestApp.open({ between });
}, 120_000);
afterAll(() => app.close());

test('stopping a run stops the map it waits for, and every worker of it', async () => {
  const executionArn = await app.start(MAP);
  while (workers === 0) await pause(10);
  await app.sfn.send(new StopExecutionCommand({ executionArn }));
  expect(await app.end(executionArn)).toMatchObject({ status: 'ABORTED' });
  const { executions = [] } = await app.sfn.send(
    new ListExecutionsCommand({ stateMachineArn: app.machineArn('v3Distributed') }),
  );
  expect(executions).toMatchObject([{ status: 'ABORTED' }]);
  const { mapRuns = [] } = await app.sfn.send(
    new ListMapRunsCommand({ executionArn: executions[0]?.executionArn }),
  );
  const mapRun = await app.sfn.send(new DescribeMapRunCommand({ mapRunArn: mapRuns[0]?.mapRunArn }));
  expect(mapRun).toMatchObject({ status: 'ABORTED', executionCounts: { running: 0, succeeded: 0 } });
  const before = workers;
  released.resolve();
  await pause(50);
  expect(workers).toBe(before);
});
