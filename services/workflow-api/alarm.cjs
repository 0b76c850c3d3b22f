// The API itself: what its functions do wrong, stepfunctions/observability.cjs watches.
const MINUTES = 5;

module.exports.resources = async ({ resolveVariable }) => {
  const value = async (name) => String(await resolveVariable(name));
  const stage = await value('sls:stage');
  const ApiFailedAlarm = {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `statebag-${stage}-api-failed`,
      AlarmDescription: `the API answered with 5xx (stage ${stage}). What to do: docs/alarms/api-failed.md`,
      Namespace: 'AWS/ApiGateway',
      MetricName: '5xx',
      Dimensions: [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }],
      Statistic: 'Sum',
      Period: MINUTES * 60,
      EvaluationPeriods: 1,
      Threshold: Number(await value('self:custom.alarmApiErrors')),
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      ...(await resolveVariable('self:custom.alarmActions')),
    },
  };
  return { Resources: { ApiFailedAlarm } };
};
