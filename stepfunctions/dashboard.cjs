// The dashboard of a stage.
const { BEGINNINGS, functionMetric, heldUpBy, machineMetric, stepMetric } = require('./metrics.cjs');

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
  [
    'Runs that wait to begin, and the oldest in seconds',
    'Maximum',
    (stage) =>
      ['StartsWaiting', 'OldestStartAge'].flatMap((name) => stepMetric(name, ['state-data-manager'])(stage)),
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

module.exports = { dashboard };
