import { stateOfAlarm } from '../../cloudwatch/alarms.ts';
import { isMapping } from '../document.ts';
import { invalid } from '../errors.ts';
import { arnIn, type Provider } from '../provider.ts';
import { keptProvider } from './kept.ts';

const kept: Provider = keptProvider('AWS::CloudWatch::Alarm', {
  naming: { property: 'AlarmName', most: 255 },
  check: ({ MetricName: metric, Metrics: metrics, AlarmName: name }) => {
    if ((metric === undefined) === (metrics === undefined))
      throw invalid(`${name ?? 'An alarm'} must have either MetricName or Metrics`);
  },
  attributes: (id, _, account) => ({ Arn: arnIn(account, 'cloudwatch', `alarm:${id}`) }),
});

export const alarm: Provider = {
  ...kept,
  update: (wanted, account) => {
    const properties = { ...wanted.properties, ...stateOfAlarm(account.kept, wanted.id) };
    return kept.update({ ...wanted, properties }, account);
  },
};

export const dashboard: Provider = keptProvider('AWS::CloudWatch::Dashboard', {
  naming: { property: 'DashboardName', most: 255 },
  check: ({ DashboardBody: body }) => {
    if (!isMapping(parsed(String(body))))
      throw invalid('The field DashboardBody must be a valid JSON object');
  },
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(`The field DashboardBody must be a valid JSON object: ${String(cause)}`);
  }
}
