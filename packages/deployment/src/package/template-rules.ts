import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { apiProblems } from './api-rules.ts';
import { resourceProblems } from './resource-rules.ts';
import { listOf, mappingsIn, members, ofType, statementsOf, type Template } from './template.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/**
 * Rights on everything, with the reason why nothing narrower will do. A right that is not listed here is
 * refused.
 */
export const WILDCARD_RIGHTS: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'X-Ray knows no resources',
  'xray:PutTelemetryRecords': 'X-Ray knows no resources',
  'xray:GetSamplingRules': 'X-Ray knows no resources',
  'xray:GetSamplingTargets': 'X-Ray knows no resources',
  'logs:CreateLogDelivery': 'deliveries of logs know no resources',
  'logs:GetLogDelivery': 'deliveries of logs know no resources',
  'logs:UpdateLogDelivery': 'deliveries of logs know no resources',
  'logs:DeleteLogDelivery': 'deliveries of logs know no resources',
  'logs:ListLogDeliveries': 'deliveries of logs know no resources',
  'logs:PutResourcePolicy': 'policies of log groups know no resources',
  'logs:DescribeResourcePolicies': 'policies of log groups know no resources',
  'logs:DescribeLogGroups': 'lists of log groups know no resources',
};

/** S3 names neither region nor account; everything else can. */
const ANYWHERE = /^arn:aws:[a-z]+:\*:|^arn:aws:[a-z]+:[^:]*:\*:/;

export type Rule = (template: Template) => readonly string[];

/** What must hold of every packaged template. Each rule gives its problems. */
export const TEMPLATE_RULES: Readonly<Record<string, Rule>> = {
  variables: (template) =>
    [...JSON.stringify(template).matchAll(/\$\{(?:param|self|file|opt|sls|env):[^}]*\}/g)].map(
      ([form]) => `${form} was left in the template`,
    ),
  names: nameProblems,
  references: (template) =>
    [...new Set(referencesOf(template).filter((name) => !isKnown(template, name)))].map(
      (name) => `refers to ${name}, which it does not hold`,
    ),
  resources: resourceProblems,
  partition: partitionProblems,
  rights: (template) =>
    statementsOf(template).flatMap(({ role, actions, resources }) => [
      ...actions
        .filter((action) => action.includes('*'))
        .map((action) => `${role} may ${action}: name the actions`),
      ...(resources.includes('*')
        ? actions
            .filter((action) => !Object.hasOwn(WILDCARD_RIGHTS, action))
            .map((action) => `${role} may ${action} on everything`)
        : []),
      ...resources
        .map(writtenText)
        .filter((resource) => resource.includes('statebag-*'))
        .map((resource) => `${role} may use ${resource} of other stages: pre-prod ends with prod`),
      ...resources
        .map(writtenText)
        .filter((resource) => ANYWHERE.test(resource))
        .map((resource) => `${role} may use ${resource} of any region and account`),
    ]),
  functions: (template) =>
    ofType(template, 'AWS::Lambda::Function').flatMap(({ id, Properties = {} }) =>
      functionProblems(template, id, Properties),
    ),
  machines: (template) =>
    ofType(template, 'AWS::StepFunctions::StateMachine').flatMap(({ id, Properties = {} }) =>
      machineProblems(template, id, Properties),
    ),
  alarms: (template) => [...canaryProblems(template), ...alarmPages(template)],
  storage: (template) => [
    ...bucketProblems(template),
    ...tableProblems(template),
    ...queueProblems(template),
  ],
  api: apiProblems,
  asynchronous: failureProblems,
};

export function problemsOf(template: Template): readonly string[] {
  return Object.values(TEMPLATE_RULES).flatMap((rule) => rule(template));
}

const NAME_LIMIT = 64;
/** Kinds whose names AWS lets have that many characters. */
const LIMITED: Readonly<Record<string, string>> = {
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Events::Rule': 'Name',
};

function nameProblems(template: Template): readonly string[] {
  const placeless = [...new Set(JSON.stringify(template).match(/[\w-]+-account-region\b/g))];
  const names = Object.values(template.Resources).map(
    ({ Type, Properties = {} }) => Properties[LIMITED[Type] ?? ''],
  );
  return [
    ...placeless.map(
      (name) => `${name} stands for no account: the plugin @statebag/deployment/account-names is missing`,
    ),
    ...names.flatMap((name) =>
      typeof name === 'string' && name.length > NAME_LIMIT
        ? [`${name} has ${name.length} characters; at most ${NAME_LIMIT}`]
        : [],
    ),
  ];
}

/** The text of a resource, with its variables. */
function writtenText(resource: unknown): string {
  const { 'Fn::Sub': given = resource } = members(resource);
  const [text] = listOf(given);
  return String(text).replace(/^arn:\$\{AWS::Partition\}:/, 'arn:aws:');
}

/** In China and in the clouds of governments, ARNs begin otherwise. What no account has is nobody's. */
function partitionProblems(template: Template): readonly string[] {
  const found = JSON.stringify(template).match(/\barn:aws:(?![\w-]*:[\w-]*:000000000000:)[^"\\]*/g) ?? [];
  return [...new Set(found)].map(
    (arn) => `${arn} names a partition: the plugin @statebag/deployment/account-names is missing`,
  );
}

function referencesOf(template: Template): readonly string[] {
  return mappingsIn([template.Resources, template.Outputs ?? {}]).flatMap((mapping) => {
    if (typeof mapping['Ref'] === 'string') return [mapping['Ref']];
    if ('Fn::GetAtt' in mapping) return [String(listOf(mapping['Fn::GetAtt'])[0]).split('.')[0] ?? ''];
    return 'Fn::Sub' in mapping ? substituted(mapping['Fn::Sub']) : [];
  });
}

function substituted(argument: unknown): string[] {
  const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
  const names = [...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name);
  return names.filter((name) => !Object.hasOwn(members(given), name)).map((name) => name.split('.')[0] ?? '');
}

function isKnown({ Resources, Parameters = {} }: Template, name: string): boolean {
  return name.startsWith('AWS::') || Object.hasOwn(Resources, name) || Object.hasOwn(Parameters, name);
}

type Properties = Readonly<Record<string, unknown>>;

function functionProblems(template: Template, id: string, properties: Properties): string[] {
  const logs = ofType(template, 'AWS::Logs::LogGroup').find(
    ({ Properties }) => Properties?.['LogGroupName'] === `/aws/lambda/${String(properties['FunctionName'])}`,
  );
  const version = ofType(template, 'AWS::Lambda::Version').find(
    ({ Properties }) => members(Properties?.['FunctionName'])['Ref'] === id,
  );
  return [
    ...(logs?.Properties?.['RetentionInDays'] === undefined
      ? [`${id} has no log group that is kept for a time`]
      : []),
    ...(version?.DeletionPolicy === 'Retain' ? [] : [`${id} publishes no version that is kept`]),
    ...(properties['Runtime'] === 'nodejs24.x' && String(listOf(properties['Architectures'])[0]) === 'arm64'
      ? []
      : [`${id} is not nodejs24.x on arm64`]),
    ...(members(properties['TracingConfig'])['Mode'] === 'Active' ? [] : [`${id} is not traced`]),
    ...(/KEY|SECRET|TOKEN|PASSWORD/.test(
      Object.keys(members(members(properties['Environment'])['Variables']))
        .filter((name) => !name.endsWith('_PARAMETER'))
        .join(' '),
    )
      ? [`${id} carries a secret in its environment`]
      : []),
    ...(isMockedProd(members(members(properties['Environment'])['Variables']))
      ? [`${id} is mocked in prod`]
      : []),
  ];
}

function isMockedProd({ MOCK_MODE, STAGE }: Properties): boolean {
  return MOCK_MODE === 'true' && STAGE === 'prod';
}

function machineProblems(template: Template, id: string, properties: Properties): string[] {
  const logging = members(properties['LoggingConfiguration']);
  const groups = ofType(template, 'AWS::Logs::LogGroup').map((group) => group.id);
  const destination = mappingsIn(logging['Destinations']).find((mapping) => 'Fn::GetAtt' in mapping)?.[
    'Fn::GetAtt'
  ];
  const version = ofType(template, 'AWS::StepFunctions::StateMachineVersion').find(
    ({ Properties }) => members(Properties?.['StateMachineArn'])['Ref'] === id,
  );
  const alias = ofType(template, 'AWS::StepFunctions::StateMachineAlias').find(
    ({ Properties }) =>
      members(members(Properties?.['DeploymentPreference'])['StateMachineVersionArn'])['Ref'] === version?.id,
  );
  return [
    ...(logging['IncludeExecutionData'] === false ? [] : [`${id} logs execution data`]),
    ...(groups.includes(String(listOf(destination)[0])) ? [] : [`${id} logs to no group of this template`]),
    ...(members(properties['TracingConfiguration'])['Enabled'] === true ? [] : [`${id} is not traced`]),
    ...(version?.DeletionPolicy === 'Retain' ? [] : [`${id} publishes no version that is kept`]),
    ...(alias ? [] : [`${id} has no alias that runs start on`]),
    ...literalsLeft(properties['DefinitionString']).map(
      (name) => `${id} has \${${name}} left in its definition`,
    ),
  ];
}

/** Names in a definition that neither CloudFormation nor we fill in. */
function literalsLeft(definition: unknown): string[] {
  const { 'Fn::Sub': given } = members(definition);
  const [text, variable] =
    given === undefined ? [definition, /\$\{(\w+)\}/g] : [listOf(given)[0], /\$\{!(\w+)\}/g];
  return [...String(text ?? '').matchAll(variable)].map(([, name = '']) => name);
}

/** A missing alarm is ignored by AWS, so that a canary would never be stopped. */
function canaryProblems(template: Template): string[] {
  const alarms = new Set(ofType(template, 'AWS::CloudWatch::Alarm').map(({ id }) => id));
  return ofType(template, 'AWS::StepFunctions::StateMachineAlias').flatMap(({ id, Properties }) => {
    const named = listOf(members(Properties?.['DeploymentPreference'])['Alarms']).map(
      (alarm) => members(alarm)['Ref'],
    );
    if (named.length === 0) return [`${id} is tied to no alarm`];
    return named
      .filter((name) => !alarms.has(String(name)))
      .map((name) => `${id} is tied to ${String(name)}, which is no alarm of this template`);
  });
}

function alarmPages(template: Template): string[] {
  const pages = ofType(template, 'AWS::CloudWatch::Alarm').map(({ id, Properties }) => ({
    id,
    page: /docs\/alarms\/[\w-]+\.md/.exec(String(Properties?.['AlarmDescription']))?.[0],
  }));
  return pages
    .filter(({ page }) => page === undefined || !existsSync(join(ROOT, page)))
    .map(({ id }) => `${id} has no page under docs/alarms`);
}

function bucketProblems(template: Template): string[] {
  return ofType(template, 'AWS::S3::Bucket')
    .filter(({ id }) => id !== 'ServerlessDeploymentBucket')
    .flatMap(({ id, Properties = {} }) => {
      const open =
        Object.values(members(Properties['PublicAccessBlockConfiguration'])).filter(
          (blocked) => blocked === true,
        ).length < 4;
      const policy = ofType(template, 'AWS::S3::BucketPolicy').find(
        (each) => members(each.Properties?.['Bucket'])['Ref'] === id,
      );
      return [
        ...(open ? [`${id} is not private`] : []),
        ...(Properties['BucketEncryption'] === undefined ? [`${id} is not encrypted`] : []),
        ...(JSON.stringify(policy?.Properties ?? '').includes('"aws:SecureTransport":"false"')
          ? []
          : [`${id} takes requests without TLS`]),
        ...(Properties['LifecycleConfiguration'] === undefined ? [`${id} keeps everything for ever`] : []),
      ];
    });
}

function tableProblems(template: Template): string[] {
  return ofType(template, 'AWS::DynamoDB::Table').flatMap(({ id, Properties = {} }) => [
    ...(Properties['BillingMode'] === 'PAY_PER_REQUEST' ? [] : [`${id} is not paid by request`]),
    ...(members(Properties['TimeToLiveSpecification'])['Enabled'] === true
      ? []
      : [`${id} lets nothing expire`]),
    ...(members(Properties['PointInTimeRecoverySpecification'])['PointInTimeRecoveryEnabled'] === true
      ? []
      : [`${id} cannot be taken back to a point in time`]),
  ]);
}

function queueProblems(template: Template): string[] {
  return ofType(template, 'AWS::SQS::Queue')
    .filter(({ Properties }) => Properties?.['SqsManagedSseEnabled'] !== true)
    .map(({ id }) => `${id} is not encrypted`);
}

/**
 * Who is told by an event has nobody to fail to: what it cannot take in is kept, or comes again by itself.
 */
function failureProblems(template: Template): string[] {
  const settings = ofType(template, 'AWS::Lambda::EventInvokeConfig').map(
    ({ Properties = {} }) => Properties,
  );
  const targets = ofType(template, 'AWS::Events::Rule').flatMap(({ Properties = {} }) =>
    listOf(Properties['Targets']),
  );
  const ids = mappingsIn(targets).flatMap((mapping) =>
    'Fn::GetAtt' in mapping ? [String(listOf(mapping['Fn::GetAtt'])[0])] : [],
  );
  return [...new Set(ids)].flatMap((id) => {
    const own = settings.find(({ FunctionName }) => members(FunctionName)['Ref'] === id) ?? {};
    const kept = 'OnFailure' in members(own['DestinationConfig']) || own['MaximumRetryAttempts'] === 0;
    return kept ? [] : [`${id} is told by an event that is lost where it fails`];
  });
}
