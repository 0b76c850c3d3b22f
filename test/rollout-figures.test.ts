import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject, Timestamp } from '@statebag/contracts';
import { factsOf, withChildren } from '@statebag/runs/history';
import { ApprovalsApp, eventually } from './approvals-app.ts';
import { type DeployedTestApp, statesEntered, transform } from './deployed-app.ts';
import { legacyStart, startLegacy } from './legacy-app.ts';

let people: ApprovalsApp;
let app: DeployedTestApp;
beforeAll(async () => {
  people = await ApprovalsApp.open();
  app = people.app;
}, 120_000);
afterAll(() => people.close());

const list: JsonObject = {
  id: 'each',
  type: 'for_each',
  output_key: 'squares',
  config: {
    items: '{% [1..30] %}',
    distributed: 'map_reduce',
    body: { nodes: [transform('square', '{% $item * $item %}')] },
  },
};
const wait = (id: string): JsonObject => ({ id, type: 'wait', config: { until: '2020-01-01T00:00:00Z' } });

/**
 * Three branches, two of which go on as executions of their own, one of them with a list that many workers
 * share.
 */
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

/** Names of all executions of some machines, and the states that they have entered. */
async function entered(
  machines: readonly string[],
): Promise<{ readonly names: readonly string[]; readonly states: number }> {
  const found: { name: string; states: number }[] = [];
  for (const machine of machines) {
    const { executions = [] } = await app.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: app.machineArn(machine) }),
    );
    for (const { executionArn = '', name = '' } of executions)
      found.push({ name, states: statesEntered(await app.history(executionArn)).length });
  }
  return { names: found.map(({ name }) => name), states: found.reduce((sum, { states }) => sum + states, 0) };
}

async function newestEnd(generation: 'v3' | 'legacy') {
  const [newest] = await people.runs.listEnds(generation, {
    since: new Date(0).toISOString() as Timestamp,
    limit: 1,
  });
  return newest;
}

/** The service's event, without what it leaves out where it is large. */
function withoutInput(event: ReturnType<ApprovalsApp['statusEvents']>[number]): unknown {
  return { ...event, detail: { ...(event.detail as JsonObject), input: null } }; // the engine's own event
}

test.each(['v3', 'legacy'] as const)(
  'the states of a run on %s are those of every execution that was a part of it, and its end is kept once',
  async (generation) => {
    const arn =
      generation === 'v3' ? await app.start(PARTED) : await startLegacy(app, await legacyStart(app, PARTED));
    expect(await app.end(arn)).toMatchObject({ status: 'SUCCEEDED', cause: '' });
    const { names, states } = await entered(MACHINES[generation]);
    expect(names).toHaveLength(4);
    const { facts } = await factsOf(app.sfn, [arn]);
    expect(await withChildren(app.sfn, facts)).toMatchObject({ transitions: states });
    const end = await eventually(() => newestEnd(generation));
    expect(end).toMatchObject({ execution_arn: arn, status: 'SUCCEEDED' });
    // once more, of those that the recorder is told of: workers of a list are none of them
    const parts = await entered([MACHINES[generation][0]]);
    for (const event of parts.names.flatMap((name) => people.statusEvents(name)))
      await people.invoke('recordStatusChange', withoutInput(event));
    expect(await newestEnd(generation)).toEqual(end);
  },
  60_000,
);
