import {
  CloudFormationClient,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';

/** The account that is deployed to, as far as a deployment asks it. */
export interface DeployedAccount {
  id(): Promise<string>;
  /** Functions that may be at work at the same time, but for places that some have to themselves. */
  places(): Promise<number>;
  /** What a stack says of itself, by name. */
  outputs(stack: string): Promise<Readonly<Record<string, string>>>;
  /** Whether a stack has a resource. */
  isOwn(stack: string, logicalId: string): Promise<boolean>;
  /** Whether the account has a resource of a type, by its name. */
  exists(type: string, name: string): Promise<boolean>;
  /** Puts what is not there yet; whether it did. */
  put(bucket: string, key: string, body: Uint8Array): Promise<boolean>;
  close(): void;
}

export type Access = Pick<STSClientConfig, 'region' | 'credentials'>;

export function openAccount(access: Access): DeployedAccount {
  const stacks = new CloudFormationClient(access);
  const tables = new DynamoDBClient(access);
  const objects = new S3Client({ ...access, forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined });
  const parameters = new SSMClient(access);
  const identity = new STSClient(access);
  const functions = new LambdaClient(access);
  const questions: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
    'AWS::DynamoDB::Table': (TableName) => tables.send(new DescribeTableCommand({ TableName })),
    'AWS::S3::Bucket': (Bucket) => objects.send(new HeadBucketCommand({ Bucket })),
    'AWS::SSM::Parameter': (Name) => parameters.send(new GetParameterCommand({ Name })),
  };
  return {
    id: async () => (await identity.send(new GetCallerIdentityCommand({}))).Account ?? '',
    async places() {
      const { AccountLimit } = await functions.send(new GetAccountSettingsCommand({}));
      const { UnreservedConcurrentExecutions: places } = AccountLimit ?? {};
      if (places === undefined) throw new Error('GetAccountSettings answered without limits');
      return places;
    },
    async outputs(StackName) {
      const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({ StackName }));
      const said = Stacks.flatMap(({ Outputs = [] }) => Outputs);
      return Object.fromEntries(said.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
    },
    isOwn: (StackName, LogicalResourceId) =>
      isThere(stacks.send(new DescribeStackResourceCommand({ StackName, LogicalResourceId }))),
    exists: async (type, name) => isThere(questions[type]?.(name)),
    async put(Bucket, Key, Body) {
      if (await isThere(objects.send(new HeadObjectCommand({ Bucket, Key })))) return false;
      await objects.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/zip' }));
      return true;
    },
    close: () => {
      for (const client of [stacks, tables, objects, parameters, identity, functions]) client.destroy();
    },
  };
}

/** What each service calls a thing that is not there. */
const MISSING = ['ResourceNotFoundException', 'NotFound', 'NoSuchBucket', 'NoSuchKey', 'ParameterNotFound'];

async function isThere(call: Promise<unknown> | undefined): Promise<boolean> {
  try {
    return (await call) !== undefined;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: '', message: '' };
    const missing = MISSING.includes(name) || (name === 'ValidationError' && /does not exist/.test(message));
    if (!missing) throw error;
    return false;
  }
}
