// Whether a new version does worse than the one before. Runs of users fail on both alike; what fails on the new one
// more often is of our own making: store, contract, runtime.

/** Functions that every run passes, and where serverless.yml keeps their versions. */
const PASSED = {
  'state-data-manager-STAGE-stateDataManager': 'self:custom.stateDataManagerArn',
  'segment-runner-STAGE-executeSegment': 'self:custom.executeSegmentArn',
};
/** Calls of a version, below which a rate says nothing. */
const FEWEST = 20;
const SECONDS = 300;

/** `…:function:name:7` → `name:7`, as the metrics of a version are called. */
const versionName = (arn) => ({
  'Fn::Join': [':', [6, 7].map((place) => ({ 'Fn::Select': [place, { 'Fn::Split': [':', arn] }] }))],
});

const counted = (Id, MetricName, Dimensions) => ({
  Id,
  ReturnData: false,
  MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions }, Period: SECONDS, Stat: 'Sum' },
});

/** Errors and calls of one function: of the new version, and of all. */
function metricsOf([name, arn], index, stage) {
  const all = [{ Name: 'FunctionName', Value: `statebag-${name.replace('STAGE', stage)}` }];
  const ofNew = [...all, { Name: 'Resource', Value: versionName(arn) }];
  return [
    counted(`newErrors${index}`, 'Errors', ofNew),
    counted(`newCalls${index}`, 'Invocations', ofNew),
    counted(`allErrors${index}`, 'Errors', all),
    counted(`allCalls${index}`, 'Invocations', all),
  ];
}

/** Percent points that more calls of the new version fail than of the others. Few calls of either say nothing. */
const WORSE = `IF(newCalls < ${FEWEST}, 0, IF(allCalls - newCalls < ${FEWEST}, 0, 100 * (newErrors / newCalls - (allErrors - newErrors) / (allCalls - newCalls))))`;

/** Queries of an alarm, the last one of which is watched. `versions` gives the ARN of each function's version. */
function canaryQueries(stage, versions, label) {
  const names = ['newErrors', 'newCalls', 'allErrors', 'allCalls'];
  const functions = Object.entries(versions);
  return [
    ...functions.flatMap((each, index) => metricsOf(each, index, stage)),
    ...names.map((Id) => ({
      Id,
      ReturnData: false,
      Expression: functions.map((_, index) => `FILL(${Id}${index},0)`).join('+'),
    })),
    { Id: 'watched', Label: label, Expression: WORSE, ReturnData: true },
  ];
}

/** The versions that the definitions of this deployment call. */
async function versionsOf(resolveVariable) {
  const found = Object.entries(PASSED).map(async ([name, variable]) => [
    name,
    await resolveVariable(variable),
  ]);
  return Object.fromEntries(await Promise.all(found));
}

module.exports = { canaryQueries, versionsOf };
