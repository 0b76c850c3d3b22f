import { describe, expect, test } from '@jest/globals';
import {
  createMachine,
  ended,
  failing,
  historyOf,
  openWorld,
  runMachine,
  single,
  startExecution,
} from './world.ts';

const CALL = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:work', End: true };
const inline = (fields: object = {}, state: object = CALL) =>
  single({ Type: 'Map', ItemProcessor: { StartAt: 'One', States: { One: state } }, ...fields });
const distributed = (fields: object = {}, state: object = CALL) =>
  single({
    Type: 'Map',
    Label: 'each',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'One',
      States: { One: state },
    },
    ...fields,
  });
const reader = (config: object, key: string) => ({
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: config,
    Parameters: { Bucket: 'b', Key: key },
  },
});

/** Counts how many calls are under way at once. */
function gauge() {
  const seen = { now: 0, most: 0 };
  const work = async (
    event: unknown,
    { clock }: { clock: { now(): number; at(at: number, callback: () => void): unknown } },
  ) => {
    seen.now += 1;
    seen.most = Math.max(seen.most, seen.now);
    await new Promise<void>((resolve) => void clock.at(clock.now() + 1000, resolve));
    seen.now -= 1;
    return event;
  };
  return { seen, work };
}

describe('an inline map', () => {
  test('runs at most 40 iterations at once, and fewer where it says so', async () => {
    const { seen, work } = gauge();
    const world = openWorld({ work });
    const items = Array.from({ length: 90 }, (_, index) => index);
    expect((await runMachine(world, inline(), items)).output).toEqual(items);
    expect(seen.most).toBe(40);
    seen.most = 0;
    await runMachine(world, inline({ MaxConcurrency: 3 }), items.slice(0, 9));
    expect(seen.most).toBe(3);
    await world.close();
  });

  test('stops its other iterations when one fails, and can be tried again', async () => {
    let failures = 0;
    const world = openWorld({
      work: (event: number) => {
        if (event === 2 && failures++ === 0) throw failing('Broken');
        return event;
      },
    });
    const execution = await runMachine(
      world,
      inline({ MaxConcurrency: 1, Retry: [{ ErrorEquals: ['Broken'] }] }),
      [1, 2, 3],
    );
    expect(execution.output).toEqual([1, 2, 3]);
    expect(world.calls.map(({ event }) => event)).toEqual([1, 2, 1, 2, 3]);
    await world.close();
  });
});

describe('a distributed map', () => {
  test('reads CSV, batches it and hands out the results in order', async () => {
    const world = openWorld({
      work: (event: { Items: { n: string }[] }) => event.Items.map(({ n }) => Number(n)),
    });
    world.objects.set('b', 'rows.csv', 'n\n1\n2\n3\n4\n5\n');
    const fields = {
      ...reader({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'rows.csv'),
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'from.$': '$.from' } },
    };
    const { output } = await runMachine(world, distributed(fields), { from: 'here' });
    expect(output).toEqual([[1, 2], [3, 4], [5]]);
    expect(world.calls[0]?.event).toMatchObject({ BatchInput: { from: 'here' } });
    await world.close();
  });

  test.each([
    ['JSONL', '{"a":1}\n\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['JSON', '[1,[2]]', [1, [2]]],
  ])('reads %s', async (type, text, items) => {
    const world = openWorld({ work: (event) => event });
    world.objects.set('b', 'file', text);
    expect((await runMachine(world, distributed(reader({ InputType: type }, 'file')))).output).toEqual(items);
    await world.close();
  });

  test('lists the objects below a prefix', async () => {
    const world = openWorld({ work: (event: { Key: string }) => event.Key });
    for (const key of ['in/1', 'in/2', 'out/3']) world.objects.set('b', key, 'x');
    const list = {
      ItemReader: {
        Resource: 'arn:aws:states:::s3:listObjectsV2',
        Parameters: { Bucket: 'b', Prefix: 'in/' },
      },
    };
    expect((await runMachine(world, distributed(list))).output).toEqual(['in/1', 'in/2']);
    expect(world.calls[0]?.event).toEqual({
      Etag: '"etag"',
      Key: 'in/1',
      LastModified: 1000,
      Size: 1,
      StorageClass: 'STANDARD',
    });
    await world.close();
  });

  test('fails as States.ItemReaderFailed when there is no such object', async () => {
    const world = openWorld();
    expect(await runMachine(world, distributed(reader({ InputType: 'JSON' }, 'none')))).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
    });
    await world.close();
  });

  test('tolerates the share of failures that it says, and no more', async () => {
    const world = openWorld({
      work: (event: number) => {
        if (event % 5 === 0) throw failing('Five');
        return event;
      },
    });
    const items = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect((await runMachine(world, distributed({ ToleratedFailurePercentage: 20 }), items)).output).toEqual([
      1, 2, 3, 4, 6, 7, 8, 9,
    ]);
    const failed = await runMachine(world, distributed({ ToleratedFailureCount: 1 }), items);
    expect(failed).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect((await historyOf(world, failed.executionArn)).map(({ type }) => type)).toEqual([
      ...[
        'ExecutionStarted',
        'MapStateEntered',
        'MapStateStarted',
        'MapRunStarted',
        'MapRunFailed',
        'MapStateFailed',
        'ExecutionFailed',
      ],
    ]);
    await world.close();
  });

  test('writes results and a manifest, and counts what it did', async () => {
    const world = openWorld({
      work: (event: number) => {
        if (event === 2) throw failing('Two');
        return { did: event };
      },
    });
    const writer = {
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Parameters: { Bucket: 'b', Prefix: 'results' },
      },
      ToleratedFailureCount: 1,
    };
    const { executionArn, output } = await runMachine(world, distributed(writer), [1, 2, 3]);
    const { MapRunArn, ResultWriterDetails } = output as {
      MapRunArn: string;
      ResultWriterDetails: { Key: string };
    };
    const manifest = JSON.parse(world.objects.text('b', ResultWriterDetails.Key) ?? '');
    expect(manifest).toMatchObject({ DestinationBucket: 'b', MapRunArn, ResultFiles: { PENDING: [] } });
    const succeeded = JSON.parse(world.objects.text('b', manifest.ResultFiles.SUCCEEDED[0].Key) ?? '');
    expect(succeeded.map(({ Output }: { Output: string }) => Output)).toEqual(['{"did":1}', '{"did":3}']);
    expect(JSON.parse(world.objects.text('b', manifest.ResultFiles.FAILED[0].Key) ?? '')).toMatchObject([
      { Status: 'FAILED', Error: 'Two', Input: '2' },
    ]);
    expect(await world.call('DescribeMapRun', { mapRunArn: MapRunArn })).toMatchObject({
      status: 'SUCCEEDED',
      itemCounts: { total: 3, succeeded: 2, failed: 1, pending: 0 },
    });
    expect(await world.call('ListMapRuns', { executionArn })).toMatchObject({
      mapRuns: [{ mapRunArn: MapRunArn }],
    });
    expect((await world.call('ListExecutions', { mapRunArn: MapRunArn }))['executions']).toHaveLength(3);
    await world.close();
  });

  test('runs more at once when it is told to while it goes on', async () => {
    const { seen, work } = gauge();
    const world = openWorld({ work });
    const release = world.clock.hold();
    const execution = await startExecution(
      world,
      await createMachine(world, distributed({ MaxConcurrency: 2 })),
      [1, 2, 3, 4, 5, 6],
    );
    while (seen.now < 2) await new Promise((resolve) => setImmediate(resolve));
    const [run] = ((await world.call('ListMapRuns', { executionArn: execution }))['mapRuns'] ?? []) as {
      mapRunArn: string;
    }[];
    await world.call('UpdateMapRun', { mapRunArn: run?.mapRunArn, maxConcurrency: 5 });
    while (seen.now < 5) await new Promise((resolve) => setImmediate(resolve));
    release();
    expect((await ended(world, execution)).output).toEqual([1, 2, 3, 4, 5, 6]);
    await world.close();
  });
});
