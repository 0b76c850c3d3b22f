import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';

const logGroupName = '/aws/lambda/metered';
const METRIC = '{"_aws":{"CloudWatchMetrics":[]},"BagBytes":12}';
let opened: TestCloud;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  opened = await openTestCloud();
  logs = new CloudWatchLogsClient(opened.config);
  await deployCode(
    opened.cloud,
    'metered',
    `async (event) => { process.stdout.write('${METRIC}\\n'); console.log('item', event.n); }`,
  );
  for (const n of [1, 2, 3])
    await opened.cloud.functions.invoke({
      functionName: 'metered',
      invocationType: 'RequestResponse',
      payload: JSON.stringify({ n }),
    });
});

afterAll(async () => {
  logs.destroy();
  await opened.close();
});

const find = async (options: object) =>
  (await logs.send(new FilterLogEventsCommand({ logGroupName, ...options }))).events?.map(
    ({ message }) => message,
  ) ?? [];

test('metric lines are found by quoted text, exactly as they were printed', async () => {
  expect(await find({ filterPattern: '"CloudWatchMetrics"' })).toEqual([METRIC, METRIC, METRIC]);
});

test('several terms all have to occur', async () => {
  expect(await find({ filterPattern: 'item "\tINFO\titem 2"' })).toEqual([expect.stringMatching(/item 2$/)]);
});

test('pages follow each other by token and miss nothing', async () => {
  const all = await find({});
  const paged: (string | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(new FilterLogEventsCommand({ logGroupName, limit: 4, nextToken }));
    paged.push(...(page.events ?? []).map(({ message }) => message));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(paged).toEqual(all);
});

test('times bound what is found', async () => {
  expect(await find({ startTime: Date.now() + 60_000 })).toEqual([]);
  expect(await find({ endTime: Date.now() - 60_000 })).toEqual([]);
});

test('a structured pattern is refused rather than misread', async () => {
  expect((await refusalOf(find({ filterPattern: '{ $.BagBytes > 1 }' }))).name).toBe(
    'InvalidParameterException',
  );
});

test('groups are listed', async () => {
  expect(
    (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/' }))).logGroups?.map(
      (group) => group.logGroupName,
    ),
  ).toEqual([logGroupName]);
});
