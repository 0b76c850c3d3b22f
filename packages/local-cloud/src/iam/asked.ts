import type { Asked } from './policy.ts';

/** Where calls are made, and what only the services know. */
export interface Place {
  readonly account: string;
  readonly region: string;
  /** The machine whose task a token belongs to. */
  machineOf(taskToken: string): string | undefined;
}

type Input = Readonly<Record<string, unknown>>;
type Asks = (action: string, input: Input, place: Place) => readonly Omit<Asked, 'action'>[];

/** What `X-Amz-Target` calls a service, and what policies call it. */
const TARGETS: Readonly<Record<string, string>> = {
  AWSStepFunctions: 'states',
  DynamoDB_20120810: 'dynamodb',
  AWSEvents: 'events',
  GraniteServiceVersion20100801: 'cloudwatch',
  AmazonSSM: 'ssm',
  AmazonSQS: 'sqs',
  Logs_20140328: 'logs',
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
};

/** Services that tasks call by another name than policies do. */
const OF_TASKS: Readonly<Record<string, string>> = {
  sfn: 'states',
  eventbridge: 'events',
  cloudwatchlogs: 'logs',
  bedrockruntime: 'bedrock',
};

/** Actions that policies call by another name than the API does. */
const RENAMED: Readonly<Record<string, string>> = {
  'lambda:Invoke': 'lambda:InvokeFunction',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:ListObjects': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:HeadBucket': 's3:ListBucket',
  's3:CopyObject': 's3:PutObject',
};

/** What a request of a JSON protocol asks to be allowed, by its target. */
export function askedByTarget(target: string, input: Input, place: Place): readonly Asked[] {
  const [service = '', action = ''] = target.split('.');
  return askedFor(TARGETS[service] ?? service.toLowerCase(), action, { input, place });
}

/** What a request to CloudFormation asks to be allowed. */
export function askedByStackForm(form: string, place: Place): readonly Asked[] {
  const fields = new URLSearchParams(form);
  const name = fields.get('StackName') ?? '*';
  const resource = name.startsWith('arn:') ? name : arn('cloudformation', `stack/${name}/*`, place);
  return [{ action: `cloudformation:${fields.get('Action')}`, resource }];
}

/** What a task asks to be allowed: `lambda:invoke`, `aws-sdk:sqs:sendMessage`. */
export function askedByTask(api: string, input: unknown, place: Place): readonly Asked[] {
  const [service = '', operation = ''] = api.replace(/^aws-sdk:/, '').split(':');
  const action = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
  const prefix = OF_TASKS[service] ?? service;
  return askedFor(prefix, action, { input: isObject(input) ? input : {}, place });
}

function askedFor(
  prefix: string,
  operation: string,
  { input, place }: { readonly input: Input; readonly place: Place },
): readonly Asked[] {
  const called = `${prefix}:${operation}`;
  const asks = Object.hasOwn(ASKS, prefix) ? ASKS[prefix] : undefined;
  const action = RENAMED[called] ?? called;
  if (prefix === 'dynamodb' && operation.startsWith('Transact')) return transacted(input, place);
  const resources = asks?.(operation, input, place) ?? [{ resource: '*' }];
  return [...resources.map((each) => ({ action, ...each })), ...passed(prefix, input)];
}

/** Which resources a call is about, by service. */
const ASKS: Readonly<Record<string, Asks>> = {
  sts: (_, input) => [{ resource: String(input['RoleArn']) }],
  states: (action, input, place) => {
    if (action.startsWith('SendTask')) {
      // an unknown token is no task of anybody's, and the service says so
      const machine = place.machineOf(String(field(input, 'taskToken')));
      return machine === undefined ? [] : [{ resource: machine }];
    }
    return [statesResource(action, input, place)];
  },
  dynamodb: (_, input, place) => {
    const items = input['RequestItems'];
    const tables = isObject(items) ? Object.keys(items) : [input['TableName']];
    return tables
      .filter((each) => each !== undefined)
      .map((table) => ({ resource: tableArn(table, input['IndexName'], place) }));
  },
  events: (action, input, place) => {
    if (action === 'PutEvents') return listOf(input['Entries']).map((entry) => busOf(entry, place));
    const rule = input['Rule'] ?? input['Name'];
    return [{ resource: rule === undefined ? '*' : ruleArn(String(rule), input['EventBusName'], place) }];
  },
  ssm: (_, input, place) =>
    texts(input['Names'] ?? input['Name'] ?? input['Path'] ?? []).map((name) => ({
      resource: arn('ssm', `parameter/${name.replace(/^\//, '').replace(/:\w+$/, '')}`, place),
    })),
  sqs: (_, input, place) => {
    const name = String(input['QueueUrl'] ?? input['QueueName'] ?? '').split('/');
    return [{ resource: name.at(-1) === '' ? '*' : arn('sqs', String(name.at(-1)), place) }];
  },
  cloudwatch: (_, input, place) => {
    const name = input['AlarmName'];
    return [{ resource: name === undefined ? '*' : arn('cloudwatch', `alarm:${name}`, place) }];
  },
  logs: (_, input, place) => {
    const group = field(input, 'logGroupName');
    return [{ resource: group === undefined ? '*' : arn('logs', `log-group:${group}:*`, place) }];
  },
  lambda: (_, input, place) => [
    { resource: functionArn(String(input['FunctionName']), input['Qualifier'], place) },
  ],
  s3: (action, input) => {
    const bucket = `arn:aws:s3:::${input['Bucket']}`;
    if (input['Key'] !== undefined) return [{ resource: `${bucket}/${input['Key']}` }];
    const context = action.startsWith('ListObjects') ? { 's3:prefix': String(input['Prefix'] ?? '') } : {};
    return [{ resource: input['Bucket'] === undefined ? '*' : bucket, context }];
  },
};

/** A version or an alias is started by whoever may start its machine. */
function statesResource(action: string, input: Input, place: Place): Omit<Asked, 'action'> {
  const machine = field(input, 'stateMachineArn');
  if (action.startsWith('Start') && typeof machine === 'string') {
    const [, whole = machine, qualifier] = /^(arn:(?:[^:]*:){5}[^:]*):([^:]+)$/.exec(machine) ?? [];
    const context = qualifier === undefined ? {} : { 'states:statemachinequalifier': qualifier };
    return { resource: whole, context };
  }
  const named = STATES_ARNS.map((name) => field(input, name)).find((each) => each !== undefined);
  if (named !== undefined) return { resource: String(named) };
  const made = action === 'CreateStateMachine' ? field(input, 'name') : undefined;
  return { resource: made === undefined ? '*' : arn('states', `stateMachine:${made}`, place) };
}

const STATES_ARNS = [
  'stateMachineArn',
  'executionArn',
  'stateMachineAliasArn',
  'stateMachineVersionArn',
  'activityArn',
  'mapRunArn',
  'resourceArn',
];

/** Each part of a transaction is an action of its own. */
function transacted(input: Input, place: Place): readonly Asked[] {
  return listOf(input['TransactItems']).flatMap((item) =>
    Object.entries(item).map(([kind, part]) => ({
      action: `dynamodb:${kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`}`,
      resource: tableArn(isObject(part) ? part['TableName'] : undefined, undefined, place),
    })),
  );
}

/** Who hands a role to a service has to be allowed to. */
function passed(prefix: string, input: Input): readonly Asked[] {
  const own = [field(input, 'roleArn'), field(input, 'role')];
  const ofTargets = prefix === 'events' ? listOf(input['Targets']).map((target) => target['RoleArn']) : [];
  return [...(prefix === 'sts' ? [] : own), ...ofTargets]
    .filter((role) => typeof role === 'string')
    .map((resource) => ({
      action: 'iam:PassRole',
      resource,
      context: { 'iam:passedtoservice': `${prefix}.amazonaws.com` },
    }));
}

function busOf(entry: Input, place: Place): Omit<Asked, 'action'> {
  const { EventBusName: bus, Source: source, DetailType: type } = entry;
  const name = typeof bus === 'string' && bus !== '' ? bus : 'default';
  return {
    resource: name.startsWith('arn:') ? name : arn('events', `event-bus/${name}`, place),
    context: { 'events:source': String(source), 'events:detail-type': String(type) },
  };
}

export function ruleArn(name: string, bus: unknown, place: Pick<Place, 'account' | 'region'>): string {
  const other = typeof bus === 'string' && bus !== 'default' && bus !== '' ? `${bus.split('/').at(-1)}/` : '';
  return arn('events', `rule/${other}${name}`, place);
}

function tableArn(table: unknown, index: unknown, place: Place): string {
  const whole = String(table);
  const named = whole.startsWith('arn:') ? whole : arn('dynamodb', `table/${whole}`, place);
  return index === undefined ? named : `${named}/index/${index}`;
}

/** A function by name or ARN, with the version or alias that is called. */
function functionArn(name: string, qualifier: unknown, place: Place): string {
  const short = name.replace(/^(?:arn:aws[\w-]*:lambda:[^:]*:)?(?:\d{12}:)?(?:function:)?/, '');
  const suffix = typeof qualifier === 'string' && !short.includes(':') ? `:${qualifier}` : '';
  return arn('lambda', `function:${short}${suffix}`, place);
}

function arn(service: string, rest: string, { account, region }: Pick<Place, 'account' | 'region'>): string {
  return `arn:aws:${service}:${region}:${account}:${rest}`;
}

/** Tasks write every name with a capital, the protocols of two services do not. */
function field(input: Input, name: string): unknown {
  return input[name] ?? input[`${name.charAt(0).toUpperCase()}${name.slice(1)}`];
}

function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

function listOf(value: unknown): readonly Input[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
