import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject, Timestamp } from '@statebag/contracts';
import { openRuns, type Runs } from '@statebag/runs';
import { eventually } from './approvals-app.ts';
import { DeployedTestApp, statesEntered, transform } from './deployed-app.ts';
import { legacyStart, startLegacy } from './legacy-app.ts';

let app: DeployedTestApp;
let runs: Runs;
let table: DynamoDBClient;
beforeAll(async () => {
  app = await DeployedTestApp.open();
  table = new DynamoDBClient(app.cloud.clientOptions);
  runs = openRuns({ client: table, table: 'statebag-runs-local' });
}, 120_000);
afterAll(async () => {
  table.destroy();
  await app.close();
});

const list: JsonObject = {
  id: 'each',
  type: 'for_each',
  output_key: 'squares',
  config: { items: '{% [1..30] %}', distributed: 'map_reduce', body: { nodes: [transform('square', '{% $item * $item %}')] } },
};
const wait = (id: string): JsonObject => ({ id, type: 'wait', config: { until: '2020-01-01T00:00:00Z' } });

/** Three branches, two of which go on as executions of their own, one of them with a list that many workers share. */
const PARTED: JsonObject = {
  name: 'parted',
  nodes: [
    {
      id: 'group',
      type: 'parallel_group',
      config: {
        branches: [
          { nodes: [wait('one'), transform('a', 1)] },
          { nodes: [wait('two'), list, transform('b', '{% $sum(squares) %}')] },
          { nodes: [transform('c', 3)] },
        ],
      },
    },
    transform('sum', '{% a + b + c %}'),
  ],
};

const MACHINES = { v3: ['v3', 'v3Distributed'], legacy: ['legacy', 'legacyDistributed'] } as const;

/** States that all executions of some machines have entered. */
async function entered(machines: readonly string[]): Promise<{ readonly executions: number; readonly states: number }> {
  const counts: number[] = [];
  for (const machine of machines) {
    const { executions = [] } = await app.sfn.send(new ListExecutionsCommand({ stateMachineArn: app.machineArn(machine) }));
    for (const { executionArn = '' } of executions) counts.push(statesEntered(await app.history(executionArn)).length);
  }
  return { executions: counts.length, states: counts.reduce((sum, count) => sum + count, 0) };
}

test.each(['v3', 'legacy'] as const)(
  'the transitions of a run on %s are those of every execution that was a part of it',
  async (generation) => {
    const arn = generation === 'v3' ? await app.start(PARTED) : await startLegacy(app, await legacyStart(app, PARTED));
    expect(await app.end(arn)).toMatchObject({ status: 'SUCCEEDED', cause: '' });
    const { executions, states } = await entered(MACHINES[generation]);
    expect(executions).toBe(4);
    const end = await eventually(async () => {
      const [newest] = await runs.listEnds(generation, { since: new Date(0).toISOString() as Timestamp, limit: 1 });
      return newest?.transitions === states ? newest : undefined;
    });
    expect(end).toMatchObject({ execution_arn: arn, status: 'SUCCEEDED' });
  },
  60_000,
);
