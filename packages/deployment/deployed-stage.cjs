// What a template can only be told when it is deployed: what the stage has already. Packaging asks nobody.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { withLiveValues, withoutAdopted } = require('./adopted.cjs');
const { refusePlaceholders, toldOfOthers } = require('./other-stacks.cjs');

const TEMPLATE = 'cloudformation-template-update-stack.json';

module.exports = class DeployedStage {
  constructor(serverless, { stage, package: packaged } = {}, { log } = {}) {
    const aws = () => serverless.getProvider('aws');
    const place = () => ({ stage: stage ?? aws().getStage(), region: aws().getRegion() });
    const isDeployed = () => serverless.processedInput.commands[0] === 'deploy';
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': async () => {
        if (!isDeployed()) return;
        const { provider } = serverless.service;
        const stack = aws().naming.getStackName();
        provider.compiledCloudFormationTemplate = await filled(provider.compiledCloudFormationTemplate, {
          ...place(),
          stack,
          onAdopted: ({ id, name }) => log?.notice(`${id}: ${name} is there already and stays as it is`),
        });
      },
      'before:deploy:deploy': () => {
        const file = join(serverless.serviceDir, packaged ?? '.serverless', TEMPLATE);
        if (existsSync(file)) refusePlaceholders(JSON.parse(readFileSync(file, 'utf8')));
      },
    };
  }
};

async function filled(template, { stage, region, stack, onAdopted }) {
  const account = await openAccount(region);
  try {
    const told = await toldOfOthers(template, { stage, outputsOf: account.outputsOf });
    const place = { account: await account.id(), region };
    const left = await withoutAdopted(told, {
      ...place,
      isOwn: (id) => account.isOwn(stack, id),
      exists: account.exists,
      onAdopted,
    });
    return await withLiveValues(left, { ...place, liveValue: account.liveValue });
  } finally {
    account.close();
  }
}

/** The account of the credentials, as far as a deployment asks it. */
async function openAccount(region) {
  const [cloudFormation, dynamodb, s3, ssm, sts] = await Promise.all([
    import('@aws-sdk/client-cloudformation'),
    import('@aws-sdk/client-dynamodb'),
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/client-ssm'),
    import('@aws-sdk/client-sts'),
  ]);
  const stacks = new cloudFormation.CloudFormationClient({ region });
  const clients = {
    'AWS::DynamoDB::Table': new dynamodb.DynamoDBClient({ region }),
    'AWS::S3::Bucket': new s3.S3Client({
      region,
      forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined,
    }),
    'AWS::SSM::Parameter': new ssm.SSMClient({ region }),
  };
  const question = {
    'AWS::DynamoDB::Table': (TableName) => new dynamodb.DescribeTableCommand({ TableName }),
    'AWS::S3::Bucket': (Bucket) => new s3.HeadBucketCommand({ Bucket }),
    'AWS::SSM::Parameter': (Name) => new ssm.GetParameterCommand({ Name }),
  };
  const identity = new sts.STSClient({ region });
  return {
    id: async () => (await identity.send(new sts.GetCallerIdentityCommand({}))).Account,
    isOwn: (StackName, LogicalResourceId) =>
      answers(stacks.send(new cloudFormation.DescribeStackResourceCommand({ StackName, LogicalResourceId }))),
    liveValue: async (Name) => {
      const parameters = clients['AWS::SSM::Parameter'];
      const found = await unlessMissing(parameters.send(question['AWS::SSM::Parameter'](Name)));
      return found?.Parameter?.Value;
    },
    exists: (type, name) => answers(clients[type].send(question[type](name))),
    outputsOf: async (StackName) => {
      const found = await unlessMissing(stacks.send(new cloudFormation.DescribeStacksCommand({ StackName })));
      const outputs = found?.Stacks?.[0]?.Outputs;
      return (
        outputs && Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
      );
    },
    close: () => {
      for (const client of [stacks, identity, ...Object.values(clients)]) client.destroy();
    },
  };
}

const answers = async (call) => (await unlessMissing(call)) !== undefined;

/** What each service calls a thing that is not there. */
const MISSING = ['ResourceNotFoundException', 'NotFound', 'NoSuchBucket', 'ParameterNotFound'];

async function unlessMissing(call) {
  try {
    return await call;
  } catch (error) {
    const missing =
      MISSING.includes(error.name) ||
      (error.name === 'ValidationError' && /does not exist/.test(error.message));
    if (!missing) throw error;
    return undefined;
  }
}
