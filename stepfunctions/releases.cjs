// What makes a definition a release: the role its executions run under, a published version of each, and the
// alias that runs start on.
const { CANARY_ALARMS, logicalId: alarmId } = require('./observability.cjs');

/** Machines by their key in serverless.yml, with the name between `statebag-` and the stage. */
const MACHINES = {
  v3: 'v3',
  v3Distributed: 'v3-distributed',
  legacy: 'legacy',
  legacyDistributed: 'legacy-distributed',
  shadow: 'shadow',
};

/**
 * Functions that definitions call, by service. Each by its name: one that only began with the name of a stage would
 * be another stage's, too.
 */
const CALLED = {
  'state-data-manager': [
    'initializeStateData',
    'stateDataManager',
    'storeTaskToken',
    'loadLatestState',
    'saveLatestState',
    'mergeCallback',
  ],
  'segment-runner': ['executeSegment', 'prepareDistributedExecution', 'processSegmentChunk'],
  'async-llm': ['asyncLlmHandler'],
  aggregator: ['aggregateResults', 'aggregateDistributedResults'],
  shadow: ['replaySegment', 'answerReplay', 'refuseReplay'],
};

/**
 * What the shadow may: it repeats runs, so its segments, questions and models are those of its own service, it starts
 * no machine but itself, and it tells nobody. Whatever its definition says, it reaches no provider.
 */
const SHADOWED = {
  'state-data-manager': ['stateDataManager'],
  shadow: CALLED.shadow,
};
const { shadow: _, ...CALLED_BY_OTHERS } = CALLED;
const { shadow: SHADOW, ...OTHERS } = MACHINES;

/** Logical id of a machine: its `id` in serverless.yml. */
const machineId = (key) => `${key.charAt(0).toUpperCase()}${key.slice(1)}Machine`;
const versionId = (key) => `${machineId(key)}Version`;

/**
 * A definition that changed is a new version; the old ones stay, since runs are still on them (npm run prune
 * removes them later).
 * The revision's id makes CloudFormation replace the version, and only then.
 */
const version = (key) => ({
  Type: 'AWS::StepFunctions::StateMachineVersion',
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties: {
    StateMachineArn: { Ref: machineId(key) },
    StateMachineRevisionId: { 'Fn::GetAtt': [machineId(key), 'StateMachineRevisionId'] },
  },
});

/**
 * New runs start on the alias: first a part of them on the new version, all of them when no alarm went off
 * meanwhile.
 */
const alias = (key, { type, percentage, minutes }) => ({
  Type: 'AWS::StepFunctions::StateMachineAlias',
  Properties: {
    Name: 'live',
    DeploymentPreference: {
      StateMachineVersionArn: { Ref: versionId(key) },
      Type: type,
      ...(type === 'ALL_AT_ONCE' ? {} : { Percentage: Number(percentage), Interval: Number(minutes) }),
      Alarms: CANARY_ALARMS.map((name) => ({ Ref: alarmId(name) })),
    },
  },
});

const arn = (service, rest) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`,
});
const allow = (Action, Resource) => ({ Effect: 'Allow', Action, Resource });

/**
 * Runs outlive deployments, so a role that named today's versions would stop yesterday's runs: names are
 * fixed, versions are not.
 */
const running = ({ stage }, { called, machines }) => [
  allow(
    ['lambda:InvokeFunction'],
    Object.entries(called).flatMap(([service, keys]) =>
      keys.map((key) => arn('lambda', `function:statebag-${service}-${stage}-${key}:*`)),
    ),
  ),
  // To start a version or an alias takes the right to start its machine.
  allow(
    ['states:StartExecution'],
    machines.map((name) => arn('states', `stateMachine:statebag-${name}-${stage}`)),
  ),
  allow(
    ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
    machines.flatMap((name) =>
      [':*', '/*:*'].map((rest) => arn('states', `execution:statebag-${name}-${stage}${rest}`)),
    ),
  ),
  allow(
    ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    [arn('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule')],
  ),
];

/** What definitions reach without a function. */
const reaching = ({ bucket, table, key }) => [
  allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [arn('dynamodb', `table/${table}`)]),
  allow(
    ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
    [`arn:aws:s3:::${bucket}/runs/*`],
  ),
  allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key]),
];

const telling = ({ bus }) => [allow(['events:PutEvents'], [arn('events', `event-bus/${bus}`)])];

const observed = [
  // Delivery of logs and traces knows no narrower resource.
  allow(
    [
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
    ],
    '*',
  ),
];

const role = (name, statements) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'states.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    },
    Policies: [
      {
        PolicyName: name,
        PolicyDocument: { Version: '2012-10-17', Statement: statements },
      },
    ],
  },
});

const logGroup = (name, { stage, days }) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties: {
    LogGroupName: `/aws/vendedlogs/states/statebag-${name}-${stage}`,
    RetentionInDays: Number(days),
  },
});

module.exports.MACHINES = MACHINES;
module.exports.CALLED = CALLED;

module.exports.resources = async ({ resolveVariable }) => {
  const value = async (name) => String(await resolveVariable(name));
  const stage = await value('sls:stage');
  const names = {
    stage,
    bucket: await value('self:custom.stateBucket'),
    table: await value('self:custom.runsTable'),
    bus: await value('self:custom.eventBusName'),
    key: await value('self:custom.kmsKeyForRoles'),
  };
  const canary = {
    type: await value('self:custom.deploymentType'),
    percentage: await value('self:custom.canaryPercentage'),
    minutes: await value('self:custom.canaryMinutes'),
  };
  const days = await value('self:custom.logRetentionDays');
  const each = Object.entries(MACHINES).flatMap(([key, name]) => [
    [`${machineId(key)}Log`, logGroup(name, { stage, days })],
    [versionId(key), version(key)],
    [`${machineId(key)}Live`, alias(key, canary)],
  ]);
  const roles = {
    MachineRole: role(`statebag-machines-${stage}`, [
      ...running(names, { called: CALLED_BY_OTHERS, machines: Object.values(OTHERS) }),
      ...reaching(names),
      ...telling(names),
      ...observed,
    ]),
    ShadowRole: role(`statebag-shadow-machine-${stage}`, [
      ...running(names, { called: SHADOWED, machines: [SHADOW] }),
      ...observed,
    ]),
  };
  return { Resources: { ...roles, ...Object.fromEntries(each) } };
};
