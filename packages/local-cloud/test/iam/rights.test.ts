import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateEventSourceMappingCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';

const PLACE = 'us-east-1:000000000000';
const roleArn = (name: string) => `arn:aws:iam::000000000000:role/${name}`;

let opened: TestCloud;
let config: TestCloud['config'] & { forcePathStyle: boolean };
/** As a role that may only what the tests below say. */
let limited: typeof config;

type Statement = Readonly<Record<string, unknown>>;
const allow = (Action: string | string[], Resource: string | string[], Condition = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});

function keepRole(name: string, services: readonly string[], statements: readonly Statement[]): string {
  opened.cloud.kept.put('AWS::IAM::Role', name, {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: [...services], AWS: '000000000000' },
        },
      ],
    },
    Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: [...statements] } }],
  } as never); // the statements above are plain
  return roleArn(name);
}

async function keysOf(role: string): Promise<typeof config> {
  const sts = new STSClient(config);
  const { Credentials: keys } = await sts.send(
    new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'test' }),
  );
  sts.destroy();
  const credentials = {
    accessKeyId: keys?.AccessKeyId ?? '',
    secretAccessKey: keys?.SecretAccessKey ?? '',
    sessionToken: keys?.SessionToken ?? '',
  };
  return { ...config, credentials };
}

async function refused(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) return 'not refused';
  const metadata: unknown = Reflect.get(error, '$metadata');
  return `${error.name} ${Reflect.get(Object(metadata), 'httpStatusCode')}: ${error.message}`;
}

beforeAll(async () => {
  opened = await openTestCloud({ durable: false });
  config = { ...opened.config, forcePathStyle: true };
  const s3 = new S3Client(config);
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  for (const Key of ['runs/a', 'secrets/b'])
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: Key }));
  const role = keepRole(
    'limited',
    ['lambda.amazonaws.com'],
    [
      allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], 'arn:aws:s3:::bucket/runs/*'),
      allow('s3:ListBucket', 'arn:aws:s3:::bucket', { StringLike: { 's3:prefix': 'runs/*' } }),
      allow('ssm:GetParameter', `arn:aws:ssm:${PLACE}:parameter/app/*`),
      allow('lambda:InvokeFunction', `arn:aws:lambda:${PLACE}:function:callee`),
    ],
  );
  limited = await keysOf(role);
});

afterAll(() => opened.close());

const denied = (action: string, resource: string, as = 'limited/test') =>
  `User: arn:aws:sts::000000000000:assumed-role/${as} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

describe('calls over the wire', () => {
  test('a role is who its key says', async () => {
    const { Arn } = await new STSClient(limited).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe('arn:aws:sts::000000000000:assumed-role/limited/test');
  });

  test('S3 gives what the role may read, refuses the rest in its own words, and tells what is missing only there', async () => {
    const s3 = new S3Client(limited);
    const get = (Key: string) => s3.send(new GetObjectCommand({ Bucket: 'bucket', Key }));
    const { Body } = await get('runs/a');
    expect(await Body?.transformToString()).toBe('runs/a');
    expect(await refused(get('secrets/b'))).toBe(
      `AccessDenied 403: ${denied('s3:GetObject', 'arn:aws:s3:::bucket/secrets/b')}`,
    );
    expect(await refused(get('runs/missing'))).toMatch(/^NoSuchKey 404/);
    expect(await refused(get('secrets/missing'))).toMatch(/^AccessDenied 403/);
    const list = (Prefix?: string) =>
      s3.send(new ListObjectsV2Command({ Bucket: 'bucket', ...(Prefix && { Prefix }) }));
    expect((await list('runs/')).KeyCount).toBe(1);
    expect(await refused(list())).toMatch(/^AccessDenied 403/);
  });

  test('a copy takes the right to its source, a deletion of many one for each', async () => {
    const s3 = new S3Client(limited);
    const copy = (from: string) =>
      s3.send(new CopyObjectCommand({ Bucket: 'bucket', Key: 'runs/copy', CopySource: `bucket/${from}` }));
    expect(await refused(copy('secrets/b'))).toMatch(/^AccessDenied 403.*s3:GetObject/);
    await copy('runs/a');
    const Objects = ['runs/copy', 'secrets/b'].map((Key) => ({ Key }));
    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket: 'bucket', Delete: { Objects } }),
    );
    expect([Deleted?.map(({ Key }) => Key), Errors?.map(({ Key }) => Key)]).toEqual([
      ['runs/copy'],
      ['secrets/b'],
    ]);
  });

  test('the other services name user, action and resource', async () => {
    await new SSMClient(config).send(new PutParameterCommand({ Name: '/app/a', Value: '1', Type: 'String' }));
    const ssm = new SSMClient(limited);
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/app/a' }));
    expect(Parameter?.Value).toBe('1');
    const all: readonly (readonly [string, string, Promise<unknown>])[] = [
      [
        'ssm:GetParameter',
        `arn:aws:ssm:${PLACE}:parameter/other`,
        ssm.send(new GetParameterCommand({ Name: '/other' })),
      ],
      [
        'dynamodb:GetItem',
        `arn:aws:dynamodb:${PLACE}:table/runs`,
        new DynamoDBClient(limited).send(new GetItemCommand({ TableName: 'runs', Key: { id: { S: 'a' } } })),
      ],
      [
        'events:PutEvents',
        `arn:aws:events:${PLACE}:event-bus/default`,
        new EventBridgeClient(limited).send(
          new PutEventsCommand({ Entries: [{ Source: 'a', DetailType: 'b', Detail: '{}' }] }),
        ),
      ],
      [
        'states:StartExecution',
        `arn:aws:states:${PLACE}:stateMachine:m`,
        new SFNClient(limited).send(
          new StartExecutionCommand({ stateMachineArn: `arn:aws:states:${PLACE}:stateMachine:m:live` }),
        ),
      ],
    ];
    for (const [action, resource, call] of all)
      expect(await refused(call)).toBe(`AccessDeniedException 400: ${denied(action, resource)}`);
    const machine = { name: 'm', definition: '{}', roleArn: roleArn('other') };
    expect(await refused(new SFNClient(limited).send(new CreateStateMachineCommand(machine)))).toContain(
      'states:CreateStateMachine',
    );
  });

  test('a version of a function is called by its own name', async () => {
    await deployCode(opened.cloud, 'callee', 'async () => 1');
    const lambda = new LambdaClient(limited);
    const { StatusCode } = await lambda.send(new InvokeCommand({ FunctionName: 'callee' }));
    expect(StatusCode).toBe(200);
    expect(await refused(lambda.send(new InvokeCommand({ FunctionName: 'callee', Qualifier: '1' })))).toBe(
      `AccessDeniedException 403: ${denied('lambda:InvokeFunction', `arn:aws:lambda:${PLACE}:function:callee:1`)}`,
    );
  });

  test('what changes holds at once', async () => {
    const keys = await keysOf(keepRole('changing', [], []));
    const get = () => new S3Client(keys).send(new GetObjectCommand({ Bucket: 'bucket', Key: 'runs/a' }));
    expect(await refused(get())).toMatch(/^AccessDenied/);
    keepRole('changing', [], [allow('s3:*', '*')]);
    await get();
  });
});

describe('policies of resources', () => {
  test('the policy of a bucket keeps out the owner too, and what is plain HTTP here counts as encrypted', async () => {
    const policy = (Action: string, Condition: Statement) => ({
      Statement: [{ Effect: 'Deny', Principal: '*', Action, Resource: 'arn:aws:s3:::bucket/*', Condition }],
    });
    const get = () => new S3Client(config).send(new GetObjectCommand({ Bucket: 'bucket', Key: 'runs/a' }));
    const keep = (PolicyDocument: object) =>
      opened.cloud.kept.put('AWS::S3::BucketPolicy', 'bucket', { Bucket: 'bucket', PolicyDocument } as never);
    keep(policy('s3:*', { Bool: { 'aws:SecureTransport': 'false' } }));
    await get();
    keep(policy('s3:GetObject', {}));
    expect(await refused(get())).toMatch(
      /^AccessDenied 403: .*with an explicit deny in a resource-based policy$/,
    );
    opened.cloud.kept.remove('AWS::S3::BucketPolicy', 'bucket');
    await get();
  });

  test('the policy of a queue lets a role in that has no right of its own', async () => {
    const resource = `arn:aws:sqs:${PLACE}:open`;
    const owner = new SQSClient(config);
    const Policy = JSON.stringify({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: roleArn('limited') },
          Action: 'sqs:SendMessage',
          Resource: resource,
        },
      ],
    });
    const { QueueUrl } = await owner.send(
      new CreateQueueCommand({ QueueName: 'open', Attributes: { Policy } }),
    );
    const { QueueUrl: closed } = await owner.send(new CreateQueueCommand({ QueueName: 'closed' }));
    const send = (url: string | undefined) =>
      new SQSClient(limited).send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
    await send(QueueUrl);
    expect(await refused(send(closed))).toContain('sqs:SendMessage');
  });

  test('a function of a template answers a rule only with a permission', async () => {
    const role = keepRole('worker', ['lambda.amazonaws.com'], []);
    await deployCode(opened.cloud, 'worker', 'async () => console.log("worked")', { settings: { role } });
    const bridge = new EventBridgeClient(config);
    await bridge.send(new PutRuleCommand({ Name: 'hear', EventPattern: '{"source":["shop"]}' }));
    const Arn = opened.cloud.functions.arnOf('worker');
    await bridge.send(new PutTargetsCommand({ Rule: 'hear', Targets: [{ Id: 'w', Arn }] }));
    const put = () => opened.cloud.events.put([{ Source: 'shop', DetailType: 'x', Detail: '{}' }]);
    await put();
    expect(linesOf('/aws/events/hear')).toEqual([`arn:aws:events:${PLACE}:rule/hear may not call ${Arn}`]);
    opened.cloud.kept.put('AWS::Lambda::Permission', 'hear', {
      Action: 'lambda:InvokeFunction',
      FunctionName: Arn,
      Principal: 'events.amazonaws.com',
      SourceArn: `arn:aws:events:${PLACE}:rule/hear`,
    });
    await put();
    await eventually(() =>
      linesOf('/aws/lambda/worker').some((line) => line.includes('worked')) ? true : undefined,
    );
  });
});

function linesOf(group: string): readonly string[] {
  return opened.cloud.logs
    .filter({ group, contains: [], startTime: 0, endTime: Number.MAX_SAFE_INTEGER, afterId: 0, limit: 100 })
    .map(({ message }) => message);
}

describe('machines', () => {
  const definition = JSON.stringify({
    StartAt: 'Call',
    States: {
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'callee' },
        End: true,
      },
    },
  });
  const create = (name: string, role: string) =>
    new SFNClient(config).send(new CreateStateMachineCommand({ name, definition, roleArn: role }));
  const endOf = async (stateMachineArn: string | undefined) => {
    const sfn = new SFNClient(config);
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'run' }));
    return eventually(async () => {
      const ended = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return ended.status === 'RUNNING' ? undefined : ended;
    });
  };

  test('a task is refused what the role of its machine may not, and is let through with the right to it', async () => {
    const role = keepRole('machine', ['states.amazonaws.com'], []);
    const { stateMachineArn } = await create('refused', role);
    const { error, cause } = await endOf(stateMachineArn);
    expect([error, cause]).toEqual([
      'Lambda.AWSLambdaException',
      expect.stringContaining(
        denied('lambda:InvokeFunction', `arn:aws:lambda:${PLACE}:function:callee`, 'machine/run'),
      ),
    ]);
    keepRole('machine', ['states.amazonaws.com'], [allow('lambda:InvokeFunction', '*')]);
    const again = await create('allowed', role);
    expect(await endOf(again.stateMachineArn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('a task with Credentials is called as their role, which the role of the machine has to be allowed to take on', async () => {
    const [caller, other] = [roleArn('caller'), roleArn('across')];
    const keepAcross = (Statement: readonly Statement[]) =>
      opened.cloud.kept.put('AWS::IAM::Role', 'across', {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '000000000000' } }],
        },
        Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: [...Statement] } }],
      } as never); // the statements are plain
    keepAcross([allow('lambda:InvokeFunction', '*')]);
    const as = JSON.parse(definition);
    as.States.Call.Credentials = { 'RoleArn.$': "States.Format('{}', $.role)" };
    const run = async (name: string, machineRole: string) => {
      const sfn = new SFNClient(config);
      const { stateMachineArn } = await sfn.send(
        new CreateStateMachineCommand({ name, definition: JSON.stringify(as), roleArn: machineRole }),
      );
      const input = JSON.stringify({ role: other });
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
      return eventually(async () => {
        const ended = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        return ended.status === 'RUNNING' ? undefined : ended;
      });
    };
    keepRole('caller', ['states.amazonaws.com'], [allow('lambda:InvokeFunction', '*')]);
    expect((await run('not-across', caller)).cause).toContain('sts:AssumeRole');
    keepRole('caller', ['states.amazonaws.com'], [allow('sts:AssumeRole', other)]);
    expect(await run('across', caller)).toMatchObject({ status: 'SUCCEEDED' });
    keepAcross([]);
    expect((await run('across-refused', caller)).cause).toContain('assumed-role/across/');
  });

  test('a machine needs a role that it may take on, and whoever makes it the right to hand that on', async () => {
    const role = keepRole('of-functions', ['lambda.amazonaws.com'], []);
    expect(await refused(create('untrusted', role))).toMatch(
      /^AccessDeniedException 400: Neither the global service/,
    );
    const maker = await keysOf(
      keepRole('maker', [], [allow('states:*', '*'), allow('iam:PassRole', roleArn('machine'))]),
    );
    const make = (of: string) =>
      new SFNClient(maker).send(
        new CreateStateMachineCommand({ name: `by-${of}`, definition, roleArn: roleArn(of) }),
      );
    await make('machine');
    expect(await refused(make('limited'))).toContain(
      denied('iam:PassRole', roleArn('limited'), 'maker/test'),
    );
  });
});

test('a route that IAM guards is called by whom a policy lets, and is forbidden to others', async () => {
  const { kept } = opened.cloud;
  await deployCode(opened.cloud, 'routed', "async () => ({ statusCode: 200, body: '{}' })");
  kept.put('AWS::ApiGatewayV2::Api', 'guarded', {});
  kept.put('AWS::ApiGatewayV2::Integration', 'calls', { ApiId: 'guarded', IntegrationUri: 'routed' });
  for (const path of ['open', 'shut'])
    kept.put('AWS::ApiGatewayV2::Route', path, {
      ApiId: 'guarded',
      RouteKey: `GET /${path}`,
      Target: 'integrations/calls',
      AuthorizationType: 'AWS_IAM',
    });
  const resource = `arn:aws:execute-api:${PLACE}:guarded/$default/GET/open`;
  const caller = keepRole('caller', [], [allow('execute-api:Invoke', resource)]);
  // signs a GET of any path
  const signing = new S3Client(await keysOf(caller));
  const ask = (path: string) =>
    signing.send(new GetObjectCommand({ Bucket: '_aws', Key: `execute-api/guarded/${path}` }));
  expect((await ask('open')).$metadata.httpStatusCode).toBe(200);
  expect(await refused(ask('shut'))).toContain(' 403');
  signing.destroy();
});

test('a function takes messages only from queues that its role may read', async () => {
  const [lambda, sqs] = [new LambdaClient(config), new SQSClient(config)];
  await sqs.send(new CreateQueueCommand({ QueueName: 'taken' }));
  const queue = `arn:aws:sqs:${PLACE}:taken`;
  await deployCode(opened.cloud, 'taker', 'async () => {}');
  const map = async (actions: string[]) => {
    const role = keepRole('taker', ['lambda.amazonaws.com'], [allow(actions, queue)]);
    const { registry } = opened.cloud.functions;
    registry.configure('taker', { ...registry.settings('taker'), role });
    return lambda.send(new CreateEventSourceMappingCommand({ EventSourceArn: queue, FunctionName: 'taker' }));
  };
  expect(await refused(map(['sqs:ReceiveMessage', 'sqs:GetQueueAttributes']))).toBe(
    'InvalidParameterValueException 400: The provided execution role does not have permissions to call DeleteMessage on SQS',
  );
  const every = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  expect(await map(every)).toMatchObject({ EventSourceArn: queue });
  lambda.destroy();
  sqs.destroy();
});
