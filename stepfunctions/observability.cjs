// Dashboard and alarms of a stage. A table, so that what is watched can be read; docs/alarms/<name>.md says
// what to do about each.

/** Functions whose throttling holds up runs. At most ten: an alarm takes no more metrics. */
const FUNCTIONS = [
  'state-data-manager-STAGE-initializeStateData',
  'state-data-manager-STAGE-stateDataManager',
  'state-data-manager-STAGE-storeTaskToken',
  'state-data-manager-STAGE-beatApprovals',
  'state-data-manager-STAGE-recordStatusChange',
  'segment-runner-STAGE-executeSegment',
  'segment-runner-STAGE-processSegmentChunk',
  'async-llm-STAGE-asyncLlmHandler',
  'aggregator-STAGE-aggregateDistributedResults',
  'workflow-api-STAGE-startRun',
];
/** What each service calls itself in its metrics. The API counts none: its lines are in its logs. */
const SERVICES = ['state-data-manager', 'segment-runner', 'async-llm', 'aggregator'];

const MACHINES = ['v3', 'v3-distributed', 'legacy', 'legacy-distributed'];
/** Those that users' runs begin on. */
const BEGINNINGS = ['v3', 'legacy'];

const machineMetric =
  (name, machines = MACHINES) =>
  (stage) =>
    machines.map((machine) => ({
      Namespace: 'AWS/States',
      MetricName: name,
      Dimensions: [
        {
          Name: 'StateMachineArn',
          Value: {
            'Fn::Sub': `arn:aws:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:statebag-${machine}-${stage}`,
          },
        },
      ],
    }));
const functionMetric = (name) => (stage) =>
  FUNCTIONS.map((key) => ({
    Namespace: 'AWS/Lambda',
    MetricName: name,
    Dimensions: [{ Name: 'FunctionName', Value: `statebag-${key.replace('STAGE', stage)}` }],
  }));
const stepMetric =
  (name, services = SERVICES) =>
  (stage) =>
    services.map((service) => ({
      Namespace: `Statebag-${stage}`,
      MetricName: name,
      Dimensions: [{ Name: 'service', Value: service }],
    }));

/** Events that a service could not take in, after all tries. */
const lostEvents = (stage) =>
  ['state-data-manager', 'shadow'].map((service) => ({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: `statebag-${service}-lost-events-${stage}` }],
  }));

/**
 * Alarm name -> what it watches: the sum (or the highest) of the metrics reaches `threshold` in `minutes`.
 * `threshold` names a member of serverless.yml's `custom`.
 */
const ALARMS = {
  'runs-failed': {
    metrics: machineMetric('ExecutionsFailed'),
    threshold: 'alarmFailedRuns',
    minutes: 5,
    says: 'runs failed',
  },
  'runs-timed-out': {
    metrics: machineMetric('ExecutionsTimedOut'),
    threshold: 'alarmTimedOutRuns',
    minutes: 5,
    says: 'runs timed out',
  },
  'machines-throttled': {
    metrics: machineMetric('ExecutionThrottled'),
    threshold: 'alarmThrottles',
    minutes: 5,
    says: 'Step Functions held states back',
  },
  'functions-throttled': {
    metrics: functionMetric('Throttles'),
    threshold: 'alarmThrottles',
    minutes: 5,
    says: 'Lambda refused invocations for want of concurrency',
  },
  'functions-failed': {
    metrics: functionMetric('Errors'),
    threshold: 'alarmFunctionErrors',
    minutes: 5,
    says: 'functions ended with errors',
  },
  'budget-near': {
    metrics: stepMetric('BagsNearBudget', ['state-data-manager']),
    threshold: 'alarmBagsNearBudget',
    minutes: 15,
    says: 'bags took more than 75 % of their budget',
  },
  'store-errors': {
    metrics: stepMetric('StoreErrors'),
    threshold: 'alarmStoreErrors',
    minutes: 5,
    says: 'the state store could not be read or written',
  },
  'events-lost': {
    metrics: lostEvents,
    statistic: 'Maximum',
    threshold: 'alarmLostEvents',
    minutes: 5,
    says: 'events could not be taken in',
  },
  'approvals-old': {
    metrics: stepMetric('OldestApprovalAge', ['state-data-manager']),
    statistic: 'Maximum',
    threshold: 'alarmApprovalAgeSeconds',
    minutes: 15,
    says: 'an approval has been open for long',
  },
};

/** Alarms that stop a canary: signs that the new code, not its users, does wrong. */
const CANARY_ALARMS = ['runs-failed', 'runs-timed-out', 'store-errors'];

const alarmName = (name, stage) => `statebag-${stage}-${name}`;
const logicalId = (name) =>
  `${name.replaceAll(/(^|-)([a-z])/g, (_, __, letter) => letter.toUpperCase())}Alarm`;

function alarm(name, { stage, threshold, topic }) {
  const { metrics, minutes, statistic = 'Sum', says } = ALARMS[name];
  const queries = metrics(stage).map((Metric, index) => ({
    Id: `m${index}`,
    ReturnData: false,
    MetricStat: { Metric, Period: minutes * 60, Stat: statistic },
  }));
  const fill = queries.map(({ Id }) => `FILL(${Id},0)`).join(',');
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: alarmName(name, stage),
      AlarmDescription: `${says} (stage ${stage}). What to do: docs/alarms/${name}.md`,
      Metrics: [
        ...queries,
        {
          Id: 'watched',
          Label: says,
          Expression: `${statistic === 'Sum' ? 'SUM' : 'MAX'}([${fill}])`,
          ReturnData: true,
        },
      ],
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: Number(threshold),
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      ...(topic === '' ? {} : { AlarmActions: [topic], OKActions: [topic] }),
    },
  };
}

/** A row a question: do runs end well, how large are they, what do they cost, who is waited for. */
const WIDGETS = [
  [
    'Runs',
    'Sum',
    (stage) =>
      [
        'ExecutionsStarted',
        'ExecutionsSucceeded',
        'ExecutionsFailed',
        'ExecutionsTimedOut',
        'ExecutionsAborted',
      ].flatMap((name) => machineMetric(name, BEGINNINGS)(stage)),
  ],
  ['Time of a run', 'p95', machineMetric('ExecutionTime', BEGINNINGS)],
  [
    'Held back',
    'Sum',
    (stage) => [...machineMetric('ExecutionThrottled')(stage), ...functionMetric('Throttles')(stage)],
  ],
  ['Bytes into a step', 'Maximum', stepMetric('EventBytes')],
  ['Bytes of a bag', 'Maximum', stepMetric('BagBytes', ['state-data-manager'])],
  ['Bytes moved to S3', 'Sum', stepMetric('OffloadedBytes')],
  [
    'S3 requests',
    'Sum',
    (stage) => ['S3Puts', 'S3Gets', 'S3DedupeHits', 'CacheHits'].flatMap((name) => stepMetric(name)(stage)),
  ],
  ['Tries after the first', 'Sum', stepMetric('Retries')],
  [
    'Steps with errors',
    'Sum',
    (stage) => [
      ...stepMetric('StepErrors')(stage),
      ...stepMetric('StoreErrors')(stage),
      ...stepMetric('BagsNearBudget', ['state-data-manager'])(stage),
    ],
  ],
  ['Calls not repeated', 'Sum', stepMetric('LedgerHits', ['segment-runner', 'async-llm'])],
  [
    'Tokens',
    'Sum',
    (stage) =>
      ['LlmInputTokens', 'LlmOutputTokens'].flatMap((name) =>
        stepMetric(name, ['segment-runner', 'async-llm'])(stage),
      ),
  ],
  ['Models, millionths of a dollar', 'Sum', stepMetric('LlmCostMicroUsd', ['segment-runner', 'async-llm'])],
  [
    'Approvals open, and the oldest in seconds',
    'Maximum',
    (stage) =>
      ['ApprovalsOpen', 'OldestApprovalAge'].flatMap((name) =>
        stepMetric(name, ['state-data-manager'])(stage),
      ),
  ],
];

function dashboard(stage) {
  const widgets = WIDGETS.map(([title, stat, metrics], index) => ({
    type: 'metric',
    x: (index % 3) * 8,
    y: Math.floor(index / 3) * 6,
    width: 8,
    height: 6,
    properties: {
      title,
      stat,
      period: 300,
      region: `\${AWS::Region}`,
      metrics: metrics(stage).map(widgetMetric),
    },
  }));
  return {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: {
      DashboardName: `statebag-${stage}`,
      DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets }) },
    },
  };
}

const widgetMetric = ({ Namespace, MetricName, Dimensions }) => [
  Namespace,
  MetricName,
  ...Dimensions.flatMap(({ Name, Value }) => [Name, Value['Fn::Sub'] ?? Value]),
];

module.exports.ALARMS = ALARMS;
module.exports.FUNCTIONS = FUNCTIONS;
module.exports.CANARY_ALARMS = CANARY_ALARMS;
module.exports.logicalId = logicalId;

module.exports.resources = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const topic = await resolveVariable('self:custom.alarmTopicArn');
  const alarms = await Promise.all(
    Object.entries(ALARMS).map(async ([name, { threshold }]) => [
      logicalId(name),
      alarm(name, { stage, topic, threshold: await resolveVariable(`self:custom.${threshold}`) }),
    ]),
  );
  return { Resources: { Dashboard: dashboard(stage), ...Object.fromEntries(alarms) } };
};
