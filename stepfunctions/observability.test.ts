import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { METRIC_NAMES } from '@statebag/step-kit';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..');
const { ALARMS, CANARY_ALARMS, FUNCTIONS, resources }: Observability = createRequire(import.meta.url)(
  './observability.cjs',
);

interface Observability {
  readonly ALARMS: Readonly<Record<string, { readonly threshold: string }>>;
  readonly CANARY_ALARMS: readonly string[];
  readonly FUNCTIONS: readonly string[];
  resources(context: {
    resolveVariable(name: string): Promise<unknown>;
  }): Promise<{ Resources: Readonly<Record<string, { Type: string; Properties: Properties }>> }>;
}

interface Properties {
  readonly AlarmName?: string;
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: Metric } }[];
  readonly DashboardBody?: { readonly 'Fn::Sub': string };
}

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** What the service says of machines and functions, by its own documentation. */
const OF_AWS: Readonly<Record<string, readonly string[]>> = {
  'AWS/States': [
    'ExecutionsStarted',
    'ExecutionsSucceeded',
    'ExecutionsFailed',
    'ExecutionsTimedOut',
    'ExecutionsAborted',
    'ExecutionTime',
    'ExecutionThrottled',
  ],
  'AWS/Lambda': ['Errors', 'Invocations', 'Throttles'],
  'AWS/SQS': ['ApproximateNumberOfMessagesVisible'],
};

const VALUES: Readonly<Record<string, unknown>> = {
  'self:custom.alarmActions': {},
  'sls:stage': 'dev',
  'self:custom.stateDataManagerArn': 'arn:aws:lambda:eu-west-1:111122223333:function:manager:7',
  'self:custom.executeSegmentArn': 'arn:aws:lambda:eu-west-1:111122223333:function:runner:8',
};
const { Resources: made } = await resources({ resolveVariable: async (name) => VALUES[name] ?? '5' });
const all = Object.values(made);
const watched = all.flatMap(({ Properties: { Metrics = [] } }) =>
  Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : [])),
);
const body: { widgets: { properties: { metrics: string[][] } }[] } = JSON.parse(
  all.find(({ Type }) => Type.endsWith('Dashboard'))?.Properties.DashboardBody?.['Fn::Sub'] ?? '{}',
);
const drawn = body.widgets
  .flatMap(({ properties }) => properties.metrics)
  .map(
    ([Namespace = '', MetricName = '', Name = '', Value = '']): Metric => ({
      Namespace,
      MetricName,
      Dimensions: [{ Name, Value }],
    }),
  );

/** What functions call themselves when they count: the first argument of what opens their log. */
const emitting = new Set(
  readdirSync(join(ROOT, 'services'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('handler.ts') && !path.includes('node_modules'))
    .flatMap((path) =>
      [
        ...readFileSync(join(ROOT, 'services', path), 'utf8').matchAll(
          /\b(?:powertoolsLog|open\w*Deps)\('([\w-]+)'/g,
        ),
      ].map(([, name]) => name),
    ),
);

describe.each([
  ['an alarm', watched],
  ['the dashboard', drawn],
])('whatever %s looks at', (_, metrics) => {
  test('is a metric that something counts', () => {
    expect(metrics.length).toBeGreaterThan(10);
    const uncounted = metrics.filter(
      ({ Namespace, MetricName }) =>
        !(OF_AWS[Namespace] ?? (Namespace === 'Statebag-dev' ? METRIC_NAMES : [])).includes(MetricName),
    );
    expect(uncounted).toEqual([]);
  });

  test('is counted by a service of that name', () => {
    const services = metrics
      .filter(({ Namespace }) => Namespace === 'Statebag-dev')
      .flatMap(({ Dimensions }) => Dimensions.map(({ Value }) => Value));
    expect([...new Set(services)].filter((name) => !emitting.has(String(name)))).toEqual([]);
  });
});

test('an alarm takes at most ten metrics, which is the service’s limit', () => {
  const many = all.map(
    ({ Properties: { Metrics = [] } }) => Metrics.filter(({ MetricStat }) => MetricStat).length,
  );
  expect(Math.max(...many)).toBeLessThanOrEqual(10);
});

test('every function that is deployed is watched, and no other', () => {
  const deployed = readdirSync(join(ROOT, 'services')).flatMap((service) => {
    const { functions = {} }: { functions?: object } = parse(
      readFileSync(join(ROOT, 'services', service, 'serverless.yml'), 'utf8'),
    );
    return Object.keys(functions).map((key) => `${service}-STAGE-${key}`);
  });
  expect(FUNCTIONS.toSorted()).toEqual(deployed.toSorted());
  for (const name of ['functions-failed', 'functions-throttled'])
    expect(namesWatchedBy(name).toSorted()).toEqual(
      FUNCTIONS.map((key) => `statebag-${key.replace('STAGE', 'dev')}`).toSorted(),
    );
});

test.each(Object.entries(ALARMS))(
  'the page of %s names its parameter, its default and the metric',
  (name, { threshold }) => {
    const page = readFileSync(join(ROOT, 'docs', 'alarms', `${name}.md`), 'utf8');
    const template = readFileSync(join(import.meta.dirname, 'serverless.yml'), 'utf8');
    const value = new RegExp(`\\{param:${threshold}, '(\\d+)'`).exec(template)?.[1];
    expect(page).toContain(`\`${threshold}\`, ${Number(value).toLocaleString('en-US')}`);
    expect(page).toContain(`statebag-<stage>-${name}`);
  },
);

test('what stops a canary is an alarm', () => {
  expect(CANARY_ALARMS.filter((name) => !(name in ALARMS))).toEqual([]);
});

/** Functions that an alarm watches, in all its parts. */
function namesWatchedBy(name: string): unknown[] {
  return all
    .filter(({ Properties }) => Properties.AlarmName?.startsWith(`statebag-dev-${name}`))
    .flatMap(({ Properties: { Metrics = [] } }) =>
      Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.Dimensions.map(({ Value }) => Value) ?? []),
    );
}

test('a canary is compared by the versions that its definitions call', () => {
  const { Metrics = [] } = made['CanaryWorseAlarm']?.Properties ?? {};
  const ofVersions = Metrics.flatMap(({ MetricStat }) =>
    (MetricStat?.Metric.Dimensions ?? []).filter(({ Name }) => Name === 'Resource'),
  );
  expect(ofVersions).toHaveLength(4);
  expect(JSON.stringify(ofVersions[0])).toContain(VALUES['self:custom.stateDataManagerArn']);
  expect(Metrics.at(-1)).toMatchObject({ Id: 'watched', ReturnData: true });
});
