// Dashboard and alarms of a stage. A table, so that what is watched can be read; docs/alarms/<name>.md says
// what to do about each.
const { canaryQueries, versionsOf } = require('./canary-alarm.cjs');
const { dashboard } = require('./dashboard.cjs');
const { FUNCTIONS, functionMetric, lostEvents, machineMetric, stepMetric } = require('./metrics.cjs');

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
  'starts-waiting': {
    metrics: stepMetric('OldestStartAge', ['state-data-manager']),
    statistic: 'Maximum',
    threshold: 'alarmStartAgeSeconds',
    minutes: 5,
    says: 'a run has waited for long to begin',
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

module.exports.ALARMS = ALARMS;
module.exports.FUNCTIONS = FUNCTIONS;
module.exports.CANARY_ALARMS = CANARY_ALARMS;
module.exports.logicalId = logicalId;

module.exports.resources = async ({ resolveVariable }) => {
  const value = async (name) => String(await resolveVariable(name));
  const stage = await value('sls:stage');
  const thresholds = Object.entries(ALARMS).map(async ([name, { threshold }]) => [
    name,
    await value(`self:custom.${threshold}`),
  ]);
  const place = {
    stage,
    thresholds: Object.fromEntries(await Promise.all(thresholds)),
    actions: await resolveVariable('self:custom.alarmActions'),
    versions: await versionsOf(resolveVariable),
  };
  const alarms = Object.keys(ALARMS).flatMap((name) => alarmsOf(name, place));
  return { Resources: { Dashboard: dashboard(stage), ...Object.fromEntries(alarms) } };
};
