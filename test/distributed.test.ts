import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type JsonObject, KB } from '@statebag/contracts';
import { DeployedTestApp, type Invoke, largestTransition, statesEntered } from './deployed-app.ts';
import {
  fixture,
  mapObjects,
  mapsOf,
  mapWorkflow,
  rowsOf,
  runOnUpload,
  upload,
  valuesOf,
} from './map-runs.ts';
import { measureAlone } from './peak-memory.ts';

const ITEMS = 10_000;
const FUNCTIONS = [
  'segment-runner-local-prepareDistributedExecution',
  'segment-runner-local-processSegmentChunk',
  'aggregator-local-aggregateDistributedResults',
] as const;

let app: DeployedTestApp;
/** The last event of each function, by its name. */
const events = new Map<string, string>();

function kept(invocation: Parameters<Invoke>[0], invoke: Invoke): ReturnType<Invoke> {
  for (const fn of FUNCTIONS) if (invocation.functionName.includes(fn)) events.set(fn, invocation.payload);
  return invoke(invocation);
}

beforeAll(async () => {
  app = await DeployedTestApp.open({ between: kept });
}, 300_000);
afterAll(() => app.close());

const definition = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '..', 'stepfunctions', 'definitions', 'v3-distributed.asl.json'),
    'utf8',
  ),
);

describe('TC-3, a list that many workers share', () => {
  test('TC-3.1 a snapshot is there before anything of the map runs, and another one after it', async () => {
    const run = await app.run(mapWorkflow({ items: '{% numbers %}' }), { numbers: [1, 2, 3] });
    const [arn = ''] = (await mapsOf(app, run.executionArn)).arns;
    const states = statesEntered(await app.history(arn));
    expect(states[0]).toBe('CreatePreSnapshot');
    expect(states.at(-1)).toBe('CreatePostSnapshot');
    const { state_data } = run.envelope ?? {};
    if (!run.envelope || !state_data) throw new Error('the run has no output');
    const { hydrator } = app.session(run.envelope);
    const taken = await Promise.all(
      [state_data.pre_snapshot_s3_path, state_data.post_snapshot_s3_path].map((path) =>
        hydrator.object({ s3_path: path ?? '' }),
      ),
    );
    const indexes = await Promise.all(
      taken.map((snapshot) =>
        hydrator.object({ s3_path: String((snapshot as JsonObject)['state_s3_path']) }),
      ),
    );
    expect(indexes).toEqual([
      { numbers: [1, 2, 3], rate: 2 },
      { numbers: [1, 2, 3], rate: 2, all: [2, 4, 6] },
    ]);
  });

  test('TC-3.2 a hundred workers at once, each an execution of its own; one in ten may be lost', () => {
    const { ProcessDistributedChunks: map } = definition.States;
    expect(map).toMatchObject({ MaxConcurrency: 100, ToleratedFailurePercentage: 10 });
    expect(map.ItemProcessor.ProcessorConfig).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' });
    expect(definition.States.ProcessInlineChunks.MaxConcurrency).toBe(40);
  });

  describe(`${ITEMS} items of 2 KB`, () => {
    let state: JsonObject;
    let executionArn = '';

    beforeAll(async () => {
      const run = await runOnUpload(app, fixture(), {
        input: { rows: rowsOf(ITEMS, 2_048) },
        name: 'ten-thousand',
      });
      expect([run.status, run.error, run.cause]).toEqual(['SUCCEEDED', '', '']);
      executionArn = run.executionArn;
      state = await app.state(run);
    }, 300_000);

    test('TC-3.3 come out in the order of the list', () => {
      const places = valuesOf(state, 'priced').map((value) => (value as JsonObject)['place']);
      expect(places).toEqual(Array.from({ length: ITEMS }, (_, place) => place));
      expect(state['total']).toBe(rowsOf(ITEMS).reduce((sum, { amount }) => sum + Number(amount) * 2, 0));
    });

    test('TC-3.4 no name is written by two writers', async () => {
      const lines = FUNCTIONS.flatMap((fn) => app.stepLines(fn)).filter(
        ({ execution_id }) => execution_id === 'ten-thousand',
      );
      const chunks = lines.filter(({ action }) => action === 'map_chunk');
      expect(chunks.length).toBeGreaterThan(90);
      expect(lines.reduce((sum, { s3 }) => sum + s3.dedupe_hits, 0)).toBe(0);
      const left = (await mapObjects(app, 'ten-thousand')).filter((key) =>
        /map\/[0-9a-f]{64}\.json/.test(key),
      );
      expect(left).toHaveLength(chunks.length + 1); // the record of the map is one of them
    });

    test('TC-3.5 no transition carries more than 200 KB, those of the workers included', async () => {
      const { arns } = await mapsOf(app, executionArn);
      const histories = await Promise.all([executionArn, ...arns].map((arn) => app.history(arn)));
      expect(Math.max(...histories.map(largestTransition))).toBeLessThan(122_880);
      const chunks = app
        .stepLines(FUNCTIONS[1])
        .filter(({ execution_id }) => execution_id === 'ten-thousand');
      expect(Math.max(...chunks.map(({ event_bytes }) => event_bytes))).toBeLessThan(204_800);
      expect(Math.max(...chunks.map(({ reply_bytes }) => reply_bytes))).toBeLessThanOrEqual(512);
    });

    test.each(FUNCTIONS)('TC-3.6 %s holds less than 256 MB, and answers the same again', async (fn) => {
      const bundle = `statebag-${fn.replace('-local-', '/')}`;
      const { bytes, reply } = await measureAlone(app, bundle, events.get(fn) ?? '');
      expect(bytes).toBeLessThan(256 * KB * KB);
      const { bytes: again, reply: second } = await measureAlone(app, bundle, events.get(fn) ?? '');
      expect([second, again < 256 * KB * KB]).toEqual([reply, true]);
    });
  });
});

describe('an upload', () => {
  const names = ['Ada', 'Grace, "Amazing"', 'Łukasz'];
  const config = { batch_size: 2, tolerated_failure_percentage: 0 };
  const body = [
    { id: 'greet', type: 'data_transform', output_key: 'y', config: { transform: 'Hello {{ $item.name }}' } },
  ];
  const expected = names.map((name) => `Hello ${name}`);

  test.each([
    ['people.jsonl', names.map((name) => `${JSON.stringify({ name })}\r\n`).join('\n')],
    [
      'people.json',
      JSON.stringify(
        names.map((name) => ({ name, deep: { list: [1, '[,]'] } })),
        null,
        2,
      ),
    ],
    ['people.csv', `\ufeffid,name\n1,Ada\n\n2,"Grace, ""Amazing"""\r\n3,Łukasz,too many\n`],
  ])('gives its items: %s', async (name, text) => {
    await upload(app, name, text);
    expect(
      valuesOf(
        await app.state(
          await app.run(mapWorkflow({ ...config, upload: '{{ file }}' }, body), { file: name }),
        ),
      ),
    ).toEqual(expected);
  });

  test('of 20 MB is read without being held', async () => {
    const text = JSON.stringify(
      Array.from({ length: 500 }, (_, place) => ({ name: String(place), filling: '#'.repeat(40_000) })),
    );
    await upload(app, 'large.json', text);
    const run = await app.run(
      mapWorkflow({ upload: 'large.json', batch_size: 20, tolerated_failure_percentage: 0 }, body),
    );
    expect(valuesOf(await app.state(run)).at(-1)).toBe('Hello 499');
    const { bytes } = await measureAlone(
      app,
      'statebag-segment-runner/prepareDistributedExecution',
      events.get(FUNCTIONS[0]) ?? '',
    );
    expect(bytes).toBeLessThan(256 * KB * KB);
  }, 120_000);

  test.each([
    ['that is not there', 'nobody.csv', 'Store.ObjectMissing'],
    ['of somebody else', '../other/people.csv', 'Pointer.Foreign'],
    ['that is not what its name says', 'people.csv.json', 'Node.Failed'],
  ])('%s fails the run, and says why', async (_what, file, error) => {
    await upload(app, 'people.csv.json', 'id,name\n1,Ada\n');
    const run = await app.run(mapWorkflow({ upload: '{{ file }}' }, body), { file });
    expect([run.status, run.error]).toEqual(['FAILED', error]);
  });
});

describe('a list', () => {
  test('of nothing goes on with nothing', async () => {
    const run = await app.run(mapWorkflow({ items: '{% numbers %}' }));
    expect(await app.state(run)).toMatchObject({ all: [] });
    expect(run.envelope?.state_data.distributed_chunk_summary).toEqual({
      total: 0,
      succeeded: 0,
      failed: 0,
      chunk_results: [],
    });
  });

  test('of a few is worked on without executions of their own', async () => {
    const numbers = Array.from({ length: 200 }, (_, place) => place);
    const run = await app.run(mapWorkflow({ items: '{% numbers %}' }), { numbers });
    expect(valuesOf(await app.state(run))).toEqual(numbers.map((number) => number * 2));
    const [arn = ''] = (await mapsOf(app, run.executionArn)).arns;
    const states = statesEntered(await app.history(arn));
    expect(states).toContain('ProcessInlineChunks');
    expect(states).not.toContain('ProcessDistributedChunks');
    expect(states.filter((name) => name === 'ProcessInlineChunk')).toHaveLength(40);
  });

  test('of more than its max_items fails before anything runs', async () => {
    const run = await app.run(mapWorkflow({ items: '{% numbers %}', max_items: 2 }), { numbers: [1, 2, 3] });
    expect([run.status, run.error]).toEqual(['FAILED', 'Node.TooManyItems']);
    expect(run.cause).toContain('3 items; max_items is 2');
  });

  test('whose expression fails says which node it was', async () => {
    const run = await app.run(mapWorkflow({ items: "{% $error('no list') %}" }));
    expect([run.error, run.cause]).toEqual(['Expression.Failed', expect.stringContaining('node each')]);
  });

  test('of items larger than an event goes through the store', async () => {
    const numbers = Array.from({ length: 60 }, (_, place) => ({ place, text: String(place).repeat(40_000) }));
    const length = [
      { id: 'length', type: 'data_transform', output_key: 'y', config: { transform: '{% $item %}' } },
    ];
    const run = await runOnUpload(app, mapWorkflow({ items: '{% numbers %}', batch_size: 1 }, length), {
      input: { numbers },
      name: 'large-items',
    });
    expect(valuesOf(await app.state(run))).toEqual(numbers);
  });

  test('in a branch, and in a loop, comes to what it comes to in memory', async () => {
    const each = (id: string, expression: string) => ({
      id,
      type: 'for_each',
      output_key: id,
      config: {
        distributed: 'batched',
        batch_size: 2,
        items: '{% numbers %}',
        body: {
          nodes: [
            { id: `${id}-item`, type: 'data_transform', output_key: 'y', config: { transform: expression } },
          ],
        },
      },
    });
    const document = {
      name: 'nested',
      initial_state: { numbers: [], round: 0, sums: [] },
      state: { reducers: { sums: 'append' } },
      nodes: [
        {
          id: 'again',
          type: 'loop',
          config: {
            max_iterations: 5,
            until: '{% $index = 2 %}',
            body: {
              nodes: [
                each('sums', '{% $item * 10 + $index %}'),
                {
                  id: 'count',
                  type: 'data_transform',
                  output_key: 'round',
                  config: { transform: '{% round + 1 %}' },
                },
              ],
            },
          },
        },
        {
          id: 'split',
          type: 'parallel_group',
          config: {
            branches: [
              { id: 'left', nodes: [each('left', '{% $item + round %}')] },
              { id: 'right', nodes: [each('right', '{% $item - round %}')] },
            ],
          },
        },
      ],
    };
    const state = await app.state(await app.run(document as JsonObject, { numbers: [1, 2, 3] }));
    const { numbers: _numbers, ...rest } = state;
    expect(rest).toEqual({
      round: 3,
      sums: [10, 21, 32, 10, 21, 32, 10, 21, 32],
      left: [4, 5, 6],
      right: [-2, -1, 0],
    });
  });
});
