import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { DeployedTestApp, largestTransition, OWNER, transform } from './deployed-app.ts';
import { endLegacy, legacyStart, legacyState, startLegacy } from './legacy-app.ts';

let app: DeployedTestApp;
beforeAll(async () => {
  app = await DeployedTestApp.open();
});
afterAll(() => app.close());

/** A list that many workers share; its items need the rest of the state. */
function mapOf(items: number, state: JsonObject = {}): JsonObject {
  return {
    name: 'map',
    initial_state: { factor: 3, ...state },
    nodes: [
      {
        id: 'each',
        type: 'for_each',
        output_key: 'products',
        config: {
          items: `{% [1..${items}] %}`,
          distributed: 'map_reduce',
          body: { nodes: [transform('product', '{% $item * factor %}')] },
        },
      },
      transform('sum', '{% $sum(products) %}'),
    ],
    edges: [{ from: 'each', to: 'sum' }],
  };
}

/** So many fields, none of which is too large for itself. */
function fields(count: number, bytes: number): JsonObject {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`field${index}`, String(index).padEnd(bytes, 'x')]),
  );
}

/** Members that callers have put beside the state, none of which is too large for itself. */
function beside(count: number): JsonObject {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`mine${index}`, String(index).padEnd(25_000, 'm')]),
  );
}

describe('a map of a run whose bag is more than the 120 KB that its machine lets it take', () => {
  test.each([
    ['in the execution itself, without becoming text in front of it', 30, 2, false],
    ['in the execution itself, as text', 30, 5, true],
    ['by executions of their own, as text', 250, 5, true],
  ])(
    'works through its items %s',
    async (_how, items, members, isText) => {
      const [state, mine] = [fields(18, 5_000), beside(members)];
      const arn = await startLegacy(app, await legacyStart(app, mapOf(items, state), mine));
      const ended = await endLegacy(app, arn);
      expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
      const texts = (await app.history(arn)).flatMap(({ stateEnteredEventDetails: entered }) =>
        entered?.input?.includes('"compressed_data"') ? entered.name : [],
      );
      expect(texts).toContain('ExecuteSegment');
      expect(texts.includes('RunDistributedMap')).toBe(isText);
      expect(await legacyState(app, ended.bag)).toMatchObject({
        ...state,
        sum: (3 * items * (items + 1)) / 2,
      });
      expect(ended.bag).toMatchObject(mine);
      expect(largestTransition(await app.history(arn))).toBeLessThan(262_144);
    },
    60_000,
  );
});

describe('a map of a workflow that travels with its run', () => {
  const own = (members: JsonObject): JsonObject => ({
    owner_id: OWNER,
    workflow_id: 'travelling',
    ...members,
  });
  const partition_map = [
    { id: 'list', nodes: ['each'] },
    { id: 'rest', nodes: ['sum'] },
  ];

  test.each([
    ['in the execution itself, by its partition map', 30, { partition_map }],
    ['by executions of their own, by its partition map', 250, { partition_map }],
    ['as it is partitioned here', 250, {}],
  ])(
    'works through its items %s',
    async (_how, items, map) => {
      const execution_id = `travelling-${items}-${Object.keys(map).length}`;
      const arn = await startLegacy(app, own({ execution_id, workflow_config: mapOf(items), ...map }));
      const ended = await endLegacy(app, arn);
      expect([ended.status, ended.error, ended.cause]).toEqual(['SUCCEEDED', '', '']);
      expect(await legacyState(app, ended.bag)).toEqual(await app.state(await app.run(mapOf(items))));
      expect(ended.bag).toMatchObject({
        definition_id: 'inline',
        distributed_chunk_summary: { total: items, succeeded: items, failed: 0 },
      });
    },
    60_000,
  );

  test('works through its items where a published definition is run by numbers', async () => {
    const arn = await startLegacy(app, { ...(await legacyStart(app, mapOf(30))), segment_to_run: 0 });
    const ended = await endLegacy(app, arn);
    expect([ended.status, ended.error, ended.cause]).toEqual(['SUCCEEDED', '', '']);
    expect(await legacyState(app, ended.bag)).toMatchObject({ sum: 1_395 });
  });
});
