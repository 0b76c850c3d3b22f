// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates under test are full of them
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { deployApp } from '../../src/deploy/deploy-app.ts';
import { watchApp } from '../../src/deploy/watch-app.ts';
import { eventually, openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';

const FIXTURE = fileURLToPath(new URL('./fixture-app', import.meta.url));
let opened: TestCloud;
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fixture-app-'));
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(root, 'node_modules'));
});

beforeEach(async () => {
  // Over whatever the last test edited; bundles that nothing edited are used again.
  cpSync(FIXTURE, root, { recursive: true, filter: (path) => !path.includes('.build') });
  opened = await openTestCloud();
});

afterEach(() => opened.close());

afterAll(() => rmSync(root, { recursive: true, force: true }));

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(join(root, file), change(readFileSync(join(root, file), 'utf8')));
}

async function runMachine(input: object): Promise<unknown> {
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:fixture-greeting-local';
  const started = await opened.cloud.states['StartExecution']?.({
    stateMachineArn,
    input: JSON.stringify(input),
  });
  const executionArn = Reflect.get(started ?? {}, 'executionArn');
  return eventually(async () => {
    const described = await opened.cloud.states['DescribeExecution']?.({ executionArn });
    return Reflect.get(described ?? {}, 'status') === 'RUNNING' ? undefined : described;
  });
}

test('an app is deployed whole and runs: function, machine, bucket, table, parameter, rules', async () => {
  const app = await deployApp(opened.cloud, { root, parameters: { greeting: 'good day' } });
  expect(app.functions.map(({ name, version, changed }) => [name, version, changed])).toEqual([
    ['fixture-greeter-local-greet', '1', true],
    ['fixture-greeter-local-record', '1', true],
  ]);
  expect(app).toMatchObject({
    machines: [{ key: 'greeting', name: 'fixture-greeting-local', changed: true }],
    buckets: ['fixture-bucket-local'],
    tables: ['fixture-visits'],
    parameters: ['/fixture/weight'],
    rules: ['fixture-greeter-local-record-rule-1', 'fixture-greeter-local-record-rule-2'],
    ignored: ['Logs (AWS::Logs::LogGroup)'],
  });
  expect(await runMachine({ name: 'Ada' })).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"greeting":"good day, Ada"}',
  });
  expect(
    Buffer.from((await opened.cloud.s3.get('fixture-bucket-local', 'greetings/Ada.txt')).body).toString(),
  ).toBe('good day, Ada');
});

test('what is unchanged stays; changed code is a new version that the machine calls', async () => {
  await deployApp(opened.cloud, { root });
  const again = await deployApp(opened.cloud, { root });
  expect([...again.functions, ...again.machines].filter(({ changed }) => changed)).toEqual([]);
  edit('services/greeter/src/wording.ts', (text) => text.replace('}, ', '} dear '));
  const changed = await deployApp(opened.cloud, { root });
  expect(changed.functions.map(({ key, version }) => [key, version])).toEqual([
    ['greet', '2'],
    ['record', '1'],
  ]);
  expect(changed.machines[0]?.changed).toBe(true);
  expect(await runMachine({ name: 'Bob' })).toMatchObject({ output: '{"greeting":"hello dear Bob"}' });
  const old = await opened.cloud.functions.invoke({
    functionName: 'fixture-greeter-local-greet:1',
    invocationType: 'RequestResponse',
    payload: '{"name":"Bob"}',
  });
  expect(old.payload).toBe('{"greeting":"hello, Bob"}');
});

test('rules of a deployed app reach its functions', async () => {
  await deployApp(opened.cloud, { root });
  await opened.cloud.events.put([
    { Source: 'fixture.greeter', DetailType: 'Greeted', Detail: '{"name":"Eve"}' },
  ]);
  const found = () =>
    opened.cloud.logs.filter({
      group: '/aws/lambda/fixture-greeter-local-record',
      contains: ['"Eve"'],
      startTime: 0,
      endTime: Number.MAX_SAFE_INTEGER,
      afterId: 0,
      limit: 1,
    });
  await eventually(() => (found().length === 1 ? true : undefined));
});

test('only a function whose role may list buckets learns that a key is missing', async () => {
  edit('services/greeter/src/greet.ts', () => probe('greet'));
  edit('services/greeter/src/record.ts', () => probe('record'));
  await deployApp(opened.cloud, { root });
  const answerOf = async (key: string) =>
    JSON.parse(
      (
        await opened.cloud.functions.invoke({
          functionName: `fixture-greeter-local-${key}`,
          invocationType: 'RequestResponse',
          payload: '{}',
        })
      ).payload,
    );
  expect([await answerOf('greet'), await answerOf('record')]).toEqual(['AccessDenied 403', 'NoSuchKey 404']);
});

function probe(name: string): string {
  return `import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
    export const handler = async () => {
      try {
        await new S3Client({}).send(new GetObjectCommand({ Bucket: process.env.BUCKET, Key: '${name}/missing' }));
      } catch (error) {
        return error.name + ' ' + error.$metadata.httpStatusCode;
      }
    };`;
}

test('a form of variable that is not known is named with its file', async () => {
  edit('services/greeter/serverless.yml', (text) => text.replace('${sls:stage}', '${opt:stage}'));
  await expect(deployApp(opened.cloud, { root })).rejects.toThrow(
    /greeter\/serverless\.yml: \$\{opt:stage\} is a form/,
  );
  edit('services/greeter/serverless.yml', (text) => text.replace('${opt:stage}', '${param:unset}'));
  await expect(deployApp(opened.cloud, { root })).rejects.toThrow(
    '${param:unset} has no value and no default',
  );
});

test('code that does not compile is refused with its place', async () => {
  edit('services/greeter/src/wording.ts', () => 'export function wording( {');
  await expect(deployApp(opened.cloud, { root })).rejects.toThrow(/wording\.ts:1/);
});

const RELEASE = `      id: Greeting
resources:
  - Resources:
      GreetingVersion:
        Type: AWS::StepFunctions::StateMachineVersion
        Properties: { StateMachineArn: { Ref: Greeting } }
  - Resources:
      GreetingLive:
        Type: AWS::StepFunctions::StateMachineAlias
        Properties: { Name: live, DeploymentPreference: { StateMachineVersionArn: { Ref: GreetingVersion }, Type: ALL_AT_ONCE } }
`;

test('an alias leads to the newest version, and a run that it started stays on its own', async () => {
  edit('stepfunctions/serverless.yml', (text) => `${text.trimEnd()}\n${RELEASE}`);
  await deployApp(opened.cloud, { root });
  const alias = 'arn:aws:states:us-east-1:000000000000:stateMachine:fixture-greeting-local:live';
  const versionOf = async () => {
    const started = await opened.cloud.states['StartExecution']?.({
      stateMachineArn: alias,
      input: '{"name":"Ada"}',
    });
    const executionArn = Reflect.get(started ?? {}, 'executionArn');
    return async () =>
      Reflect.get(
        (await opened.cloud.states['DescribeExecution']?.({ executionArn })) ?? {},
        'stateMachineVersionArn',
      );
  };
  const early = await versionOf();
  edit('services/greeter/src/wording.ts', (text) => text.replace('}, ', '} dear '));
  await deployApp(opened.cloud, { root });
  const late = await versionOf();
  expect([await early(), await late()].map((arn) => String(arn).split(':').at(-1))).toEqual(['1', '2']);
});

test('a resource of a kind that is not known is named with its file', async () => {
  edit(
    'stepfunctions/serverless.yml',
    (text) => `${text.trimEnd()}\nresources:\n  Resources:\n    Trail: { Type: AWS::CloudTrail::Trail }\n`,
  );
  await expect(deployApp(opened.cloud, { root })).rejects.toThrow(
    /stepfunctions\/serverless\.yml: Trail is of the type AWS::CloudTrail::Trail/,
  );
});

test('a watched app follows its sources, and a mistake leaves the last good deployment in place', async () => {
  const deployed = await deployApp(opened.cloud, { root });
  const seen: string[] = [];
  const events = { onDeployed: () => void seen.push('deployed'), onRefused: () => void seen.push('refused') };
  const watch = watchApp(opened.cloud, { options: { root }, deployed, events });
  edit('services/greeter/src/wording.ts', () => 'export function wording( {');
  await eventually(() => (seen.includes('refused') ? true : undefined));
  edit(
    'services/greeter/src/wording.ts',
    () => 'export const wording = (greeting: string, name: string): string => `${name}: ${greeting}`;',
  );
  await eventually(() => (seen.includes('deployed') ? true : undefined));
  expect(await runMachine({ name: 'Kim' })).toMatchObject({ output: '{"greeting":"Kim: hello"}' });
  await watch.close();
});
