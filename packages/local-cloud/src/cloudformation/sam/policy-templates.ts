import { isMapping, type Mapping, type Plain } from '../document.ts';

/** What a policy template allows; `NAME` stands for the value of its one parameter. */
interface PolicyTemplate {
  readonly parameter: string;
  readonly actions: readonly string[];
  /** ARNs after the partition. */
  readonly resources: readonly string[];
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own variables
const HERE = '${AWS::Region}:${AWS::AccountId}';
const BUCKET = { parameter: 'BucketName', resources: ['s3:::NAME', 's3:::NAME/*'] };
const TABLE = {
  parameter: 'TableName',
  resources: [`dynamodb:${HERE}:table/NAME`, `dynamodb:${HERE}:table/NAME/index/*`],
};
const QUEUE = { parameter: 'QueueName', resources: [`sqs:${HERE}:NAME`] };
const S3_READS = ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:GetBucketLocation'];
const READS = ['GetItem', 'Query', 'Scan', 'BatchGetItem', 'DescribeTable'].map((name) => `dynamodb:${name}`);
const WRITES = ['PutItem', 'UpdateItem', 'BatchWriteItem'].map((name) => `dynamodb:${name}`);

const TEMPLATES: Readonly<Record<string, PolicyTemplate>> = {
  S3ReadPolicy: { ...BUCKET, actions: S3_READS },
  S3WritePolicy: { ...BUCKET, actions: ['s3:PutObject', 's3:PutObjectAcl'] },
  S3CrudPolicy: { ...BUCKET, actions: [...S3_READS, 's3:PutObject', 's3:PutObjectAcl', 's3:DeleteObject'] },
  S3FullAccessPolicy: {
    ...BUCKET,
    actions: [...S3_READS, 's3:PutObject*', 's3:DeleteObject*', 's3:GetObject*', 's3:ListBucket*'],
  },
  DynamoDBReadPolicy: { ...TABLE, actions: READS },
  DynamoDBWritePolicy: { ...TABLE, actions: WRITES },
  DynamoDBCrudPolicy: {
    ...TABLE,
    actions: [...READS, ...WRITES, 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
  },
  LambdaInvokePolicy: {
    parameter: 'FunctionName',
    actions: ['lambda:InvokeFunction'],
    resources: [`lambda:${HERE}:function:NAME*`],
  },
  StepFunctionsExecutionPolicy: {
    parameter: 'StateMachineName',
    actions: ['states:StartExecution'],
    resources: [`states:${HERE}:stateMachine:NAME`],
  },
  SQSSendMessagePolicy: { ...QUEUE, actions: ['sqs:SendMessage*'] },
  SQSPollerPolicy: {
    ...QUEUE,
    actions: [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage*',
      'sqs:ChangeMessageVisibility*',
      'sqs:GetQueueAttributes',
    ],
  },
  EventBridgePutEventsPolicy: {
    parameter: 'EventBusName',
    actions: ['events:PutEvents'],
    resources: [`events:${HERE}:event-bus/NAME`],
  },
  SSMParameterReadPolicy: {
    parameter: 'ParameterName',
    actions: ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath'],
    resources: [`ssm:${HERE}:parameter/NAME`],
  },
};

/** The statements of a policy template. One that is not known here allows everything. */
export function statementsOf(policy: Mapping): Mapping[] {
  return Object.entries(policy).map(([name, parameters]) => {
    const template = TEMPLATES[name];
    if (template === undefined) return { Effect: 'Allow', Action: '*', Resource: '*' };
    const value = isMapping(parameters) ? (parameters[template.parameter] ?? '') : '';
    return {
      Effect: 'Allow',
      Action: [...template.actions],
      Resource: template.resources.map((resource) => arn(resource, value)),
    };
  });
}

function arn(resource: string, value: Plain): Plain {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own variable
  const text = `arn:aws:${resource}`.replaceAll('NAME', '${Name}');
  return { 'Fn::Sub': [text, { Name: value }] };
}
