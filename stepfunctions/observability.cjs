// Dashboard and alarms of a stage. A table, so that what is watched can be read; docs/alarms/<name>.md says
// what to do about each.

const { alarmActions, alarmTopic } = require('../packages/deployment/alarm-topic.cjs');
const { canaryQueries, versionsOf } = require('./canary-alarm.cjs');

/** Every function that is deployed, by service. */
const DEPLOYED = {
  'state-data-manager': [
    'initializeStateData',
    'stateDataManager',
    'storeTaskToken',
    'beatApprovals',
    'recordStatusChange',
    'loadLatestState',
    'saveLatestState',
    'mergeCallback',
  ],
  'segment-runner': ['executeSegment', 'prepareDistributedExecution', 'processSegmentChunk'],
  'async-llm': ['asyncLlmHandler', 'answerFailedCall'],
  aggregator: ['aggregateDistributedResults', 'aggregateResults'],
  shadow: ['beginShadow', 'recordShadow', 'replaySegment', 'answerReplay', 'refuseReplay'],
  'workflow-api': [
    'startRun',
    'listRuns',
    'getRun',
    'runHistory',
    'runTrace',
    'runDefinition',
    'runState',
    'runCalls',
    'listApprovals',
    'runApprovals',
    'approveRun',
    'rejectRun',
    'cancelRun',
    'resumeRun',
    'createUpload',
  ],
};
const FUNCTIONS = Object.entries(DEPLOYED).flatMap(([service, keys]) =>
  keys.map((key) => `${service}-STAGE-${key}`),
);
/** Those whose throttling holds up runs: what the dashboard draws. */
const HOLDING_UP = [
  'initializeStateData',
  'stateDataManager',
  'storeTaskToken',
  'executeSegment',
  'processSegmentChunk',
  'asyncLlmHandler',
  'aggregateDistributedResults',
  'startRun',
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
const functionMetric =
  (name, functions = FUNCTIONS) =>
  (stage) =>
    functions.map((key) => ({
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
  'canary-worse': {
    queries: canaryQueries,
    threshold: 'alarmCanaryPercent',
    says: 'a new version fails more often than the one before',
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
const CANARY_ALARMS = ['canary-worse', 'store-errors'];

/** An alarm takes no more metrics; what watches more is several alarms. */
const MOST_METRICS = 10;

const alarmName = (name, stage) => `statebag-${stage}-${name}`;
const logicalId = (name) =>
  `${name.replaceAll(/(^|-)([a-z])/g, (_, __, letter) => letter.toUpperCase())}Alarm`;

/** The alarms of one row, by logical id. `place` has what the deployment chose. */
function alarmsOf(name, place) {
  const { metrics, queries, minutes, statistic = 'Sum', says } = ALARMS[name];
  if (queries !== undefined)
    return [
      [
        logicalId(name),
        alarm(name, alarmName(name, place.stage), queries(place.stage, place.versions, says), place),
      ],
    ];
  return chunks(metrics(place.stage)).map((part, index) => {
    const more = index === 0 ? '' : `-${index + 1}`;
    const watched = watching(part, { minutes, statistic, says });
    return [
      `${logicalId(name)}${more.slice(1)}`,
      alarm(name, `${alarmName(name, place.stage)}${more}`, watched, place),
    ];
  });
}

function chunks(all) {
  const many = Math.ceil(all.length / MOST_METRICS);
  return Array.from({ length: many }, (_, index) =>
    all.slice(index * MOST_METRICS, (index + 1) * MOST_METRICS),
  );
}

function watching(metrics, { minutes, statistic, says }) {
  const queries = metrics.map((Metric, index) => ({
    Id: `m${index}`,
    ReturnData: false,
    MetricStat: { Metric, Period: minutes * 60, Stat: statistic },
  }));
  const fill = queries.map(({ Id }) => `FILL(${Id},0)`).join(',');
  const Expression = `${statistic === 'Sum' ? 'SUM' : 'MAX'}([${fill}])`;
  return [...queries, { Id: 'watched', Label: says, Expression, ReturnData: true }];
}

function alarm(name, AlarmName, Metrics, { stage, thresholds, actions }) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName,
      AlarmDescription: `${ALARMS[name].says} (stage ${stage}). What to do: docs/alarms/${name}.md`,
      Metrics,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: Number(thresholds[name]),
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      ...actions,
    },
  };
}

const heldUpBy = FUNCTIONS.filter((name) => HOLDING_UP.includes(name.split('-').at(-1)));

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
    (stage) => [
      ...machineMetric('ExecutionThrottled')(stage),
      ...functionMetric('Throttles', heldUpBy)(stage),
    ],
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
  const value = async (name) => String(await resolveVariable(name));
  const stage = await value('sls:stage');
  const whom = {
    stage,
    topic: await value('self:custom.alarmTopicArn'),
    email: await value('self:custom.alarmEmail'),
  };
  const thresholds = Object.entries(ALARMS).map(async ([name, { threshold }]) => [
    name,
    await value(`self:custom.${threshold}`),
  ]);
  const place = {
    stage,
    thresholds: Object.fromEntries(await Promise.all(thresholds)),
    actions: alarmActions(whom),
    versions: await versionsOf(resolveVariable),
  };
  const alarms = Object.keys(ALARMS).flatMap((name) => alarmsOf(name, place));
  return { Resources: { Dashboard: dashboard(stage), ...alarmTopic(whom), ...Object.fromEntries(alarms) } };
};
