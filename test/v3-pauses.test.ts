import { setTimeout as pause } from 'node:timers/promises';
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import { type AppOptions, DeployedTestApp, transform, yes } from './deployed-app.ts';

type Between = NonNullable<AppOptions['between']>;

const approval = (id: string, output_key = id): JsonObject => ({
  id,
  type: 'human_approval',
  output_key,
  config: { message: 'Go on?' },
});
const question = (id: string, about: string): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { prompt: `Tell me about {{ ${about} }}.` },
});

/**
 * A group in a branch in a loop, with an approval in it; few events an execution, so that it goes on in new
 * ones.
 */
const NESTED: JsonObject = {
  name: 'nested',
  initial_state: { subject: 'bags', log: [] },
  state: { reducers: { log: 'append' } },
  nodes: [
    {
      id: 'rounds',
      type: 'loop',
      config: {
        max_iterations: 5,
        until: '{% $index = 2 %}',
        body: {
          nodes: [
            {
              id: 'outer',
              type: 'parallel_group',
              config: {
                branches: [
                  {
                    id: 'deep',
                    nodes: [
                      approval('consent'),
                      {
                        id: 'inner',
                        type: 'parallel_group',
                        config: {
                          branches: [
                            { nodes: [question('a', 'subject')] },
                            { nodes: [transform('b', '{% $uppercase(subject) & $index %}')] },
                          ],
                        },
                      },
                    ],
                  },
                  { id: 'shallow', nodes: [transform('c', '{% $index * 10 %}')] },
                ],
              },
            },
            { ...transform('note', '{% [consent.choice & b & c] %}'), output_key: 'log' },
          ],
        },
      },
    },
  ],
};

describe('runs that wait', () => {
  let app: DeployedTestApp;
  const invoked: { readonly execution: string; readonly name: string }[] = [];
  /** Everything is deployed code; the tokens are looked at on their way. */
  const tokens: StoreTaskTokenEvent[] = [];
  const between: Between = async (invocation, invoke) => {
    const event = JSON.parse(invocation.payload);
    invoked.push({
      execution: event.execution_id ?? event.state_data?.execution_id ?? '',
      name: invocation.functionName,
    });
    const answered = await invoke(invocation);
    if (invocation.functionName.includes('storeTaskToken')) tokens.push(event);
    return answered;
  };
  beforeAll(async () => {
    app = await DeployedTestApp.open({
      between,
      parameters: { stateThresholds: '{"continueAsNewEvents":60}' },
    });
  }, 60_000);
  afterAll(() => app.close());

  async function nextToken(): Promise<StoreTaskTokenEvent> {
    for (const until = Date.now() + 20_000; Date.now() < until; await pause(10)) {
      const token = tokens.shift();
      if (token) return token;
    }
    throw new Error('nobody was asked');
  }

  async function approve(event: StoreTaskTokenEvent): Promise<void> {
    await app.sfn.send(
      new SendTaskSuccessCommand({ taskToken: event.task_token, output: JSON.stringify(yes(event)) }),
    );
  }

  test('a group in a branch in a loop, with an approval and continuations, ends right', async () => {
    const executionArn = await app.start(NESTED);
    for (let round = 0; round < 3; round += 1) await approve(await nextToken());
    const run = await app.end(executionArn);
    expect(run).toMatchObject({ status: 'SUCCEEDED', error: '', cause: '' });
    const state = await app.state(run);
    expect(state).toMatchObject({
      log: ['approveBAGS00', 'approveBAGS110', 'approveBAGS220'],
      c: 20,
      b: 'BAGS2',
    });
    expect(Object.keys(state).sort()).toEqual(['a', 'b', 'c', 'consent', 'log', 'subject']);
  }, 120_000);

  test.each([
    [
      'a workflow',
      [transform('a', 1), { id: 'last', type: 'wait', config: { until: '2020-01-01T00:00:00Z' } }],
    ],
    [
      'a branch',
      [
        {
          id: 'g',
          type: 'parallel_group',
          config: {
            branches: [
              {
                nodes: [
                  transform('a', 1),
                  { id: 'last', type: 'wait', config: { until: '2020-01-01T00:00:00Z' } },
                ],
              },
              { nodes: [transform('b', 2)] },
            ],
          },
        },
      ],
    ],
  ])('a wait may be the last thing of %s', async (_, nodes) => {
    const run = await app.run({ name: 'last-wait', nodes: nodes as JsonObject[] });
    expect(run).toMatchObject({ status: 'SUCCEEDED', error: '', cause: '' });
    expect(await app.state(run)).toMatchObject({ a: 1 });
  });

  test('an answer is combined with its field where a reducer says so', async () => {
    const nodes = [approval('one', 'answers'), approval('two', 'answers')];
    const executionArn = await app.start({
      name: 'reduced',
      initial_state: { answers: [] },
      state: { reducers: { answers: 'append' } },
      nodes,
    });
    for (let asked = 0; asked < 2; asked += 1) await approve(await nextToken());
    const run = await app.end(executionArn);
    expect(await app.state(run)).toEqual({ answers: [{ choice: 'approve' }, { choice: 'approve' }] });
  }, 60_000);

  test('a run that waits while new code is deployed ends on the code it began with, in its branches too', async () => {
    const machine_arn = await app.newestVersion();
    const executionArn = await app.start(NESTED, { machine_arn, name: 'old-code' });
    const first = await nextToken();
    await app.redeploy({ stateThresholds: '{"continueAsNewEvents":61}' });
    expect(await app.newestVersion()).not.toBe(machine_arn);
    const before = invoked.length;
    await approve(first);
    for (let round = 1; round < 3; round += 1) await approve(await nextToken());
    expect(await app.end(executionArn)).toMatchObject({ status: 'SUCCEEDED', error: '', cause: '' });
    const after = invoked.slice(before).filter(({ execution }) => execution === 'old-code');
    expect(after.length).toBeGreaterThan(10);
    expect(
      new Set(after.map(({ name }) => /stateDataManager:(\d+)$/.exec(name)?.[1]).filter(Boolean)),
    ).toEqual(new Set(['1']));
  }, 120_000);
});
