import type { RoleStatement } from './statements.ts';
import { rightsOf, type Witnesses } from './witnesses.ts';

/**
 * Rights that no test makes use of, with the reason why they are there: an action, after its role or not, before its
 * resource or not. Everything else that is never used is refused.
 */
const UNUSED_RIGHTS: Readonly<Record<string, string>> = {
  's3:AbortMultipartUpload': 'takes back an upload that failed half way; no test makes one fail',
  'asyncLlmHandler lambda:InvokeFunction':
    'used by Lambda itself, which hands a failed event to answerFailedCall',
  'ssm:GetParameter arn:aws:ssm:::parameter/aws/reference/secretsmanager/statebag/STAGE/secrets/*':
    'reads secrets of Secrets Manager; on one machine they lie where all secrets do',
  'secretsmanager:GetSecretValue':
    'used by SSM, which reads a secret of Secrets Manager with the rights of whoever asks',
  'sqs:SendMessage': 'used by Lambda itself, which keeps an event that failed three times',
  'bedrock:InvokeModel':
    'no model of Bedrock answers on one machine; the wire tests of the provider do without a function',
  'xray:PutTraceSegments':
    'used by Lambda and Step Functions themselves; nothing on one machine takes traces',
  'xray:PutTelemetryRecords': 'as xray:PutTraceSegments',
  'xray:GetSamplingRules': 'as xray:PutTraceSegments',
  'xray:GetSamplingTargets': 'as xray:PutTraceSegments',
  's3:ListMultipartUploadParts':
    'used by Step Functions itself, which writes results of distributed maps in parts; on one machine they are small',
  'asyncLlmHandler s3:GetObject arn:aws:s3:::BUCKET/uploads/*':
    'reads a file when a provider is sent it; the mock that answers in tests sends none',
  'shadow machine lambda:InvokeFunction arn:aws:lambda:::function:statebag-shadow-STAGE-refuseReplay:*':
    'refuses what a shadowed run must never come to; no test comes to it',
  'shadow machine states:StartExecution':
    'a shadowed run that goes on in a new execution starts the machine it is on; those of tests are short',
  ...Object.fromEntries(
    [
      ...['DescribeExecution', 'StopExecution', 'RedriveExecution'].map((action) => `states:${action}`),
      ...['PutTargets', 'PutRule', 'DescribeRule'].map((action) => `events:${action}`),
    ]
      .flatMap((right) => [`machines ${right}`, `shadow machine ${right}`])
      .map((right) => [
        right,
        'used by Step Functions itself, which waits for executions that a machine has started, stops and redrives them',
      ]),
  ),
  ...Object.fromEntries(
    ['Success', 'Failure', 'Heartbeat'].map((kind) => [
      `states:SendTask${kind} arn:aws:states:::stateMachine:statebag-legacy-STAGE`,
      'answers runs of the first generation as those of v3; tests play it on v3',
    ]),
  ),
  ...Object.fromEntries(
    ['CreateLogStream', 'CreateLogGroup', 'PutLogEvents'].map((action) => [
      `every function logs:${action}`,
      'used by Lambda itself, which writes down what functions print',
    ]),
  ),
  'kms:Decrypt': 'used by S3 for the bucket’s own key, with the rights of whoever reads',
  'kms:GenerateDataKey': 'used by S3 for the bucket’s own key, with the rights of whoever writes',
  ...Object.fromEntries(
    [
      ...[
        'CreateLogDelivery',
        'GetLogDelivery',
        'UpdateLogDelivery',
        'DeleteLogDelivery',
        'ListLogDeliveries',
      ],
      ...['PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'],
    ].map((action) => [
      `logs:${action}`,
      'used by Step Functions itself, when a machine that writes logs is made or changed',
    ]),
  ),
};

/** Why an unused right is there. */
export function reasonFor(role: string, action: string, resource: string): string | undefined {
  const name = [action, `${role} ${action}`, `${action} ${resource}`, `${role} ${action} ${resource}`].find(
    (each) => Object.hasOwn(UNUSED_RIGHTS, each),
  );
  return name === undefined ? undefined : UNUSED_RIGHTS[name];
}

/** Whether a test uses any of a statement; else every right of it has a reason. */
export function isUsed(statement: RoleStatement, witnesses: Witnesses): boolean {
  const known = witnesses[statement.role] ?? {};
  return rightsOf(statement).some((right) => Object.hasOwn(known, right));
}

/**
 * Rights that nobody uses. An action of a statement is used where any of its resources is, and a resource where
 * any of its actions is.
 */
export function comparePermissions(
  statements: readonly RoleStatement[],
  witnesses: Witnesses,
): readonly string[] {
  return [
    ...new Set([...statements.flatMap((each) => unused(each, witnesses)), ...gone(statements, witnesses)]),
  ];
}

function unused(statement: RoleStatement, witnesses: Witnesses): string[] {
  const { role, actions, resources } = statement;
  const known = witnesses[role] ?? {};
  const isSeen = (action: string, resource: string) => Object.hasOwn(known, `${action} ${resource}`);
  const actionUsed = (action: string) => resources.some((resource) => isSeen(action, resource));
  const resourceUsed = (resource: string) => actions.some((action) => isSeen(action, resource));
  return actions.flatMap((action) =>
    resources
      .filter((resource) => !(actionUsed(action) && resourceUsed(resource)))
      .filter((resource) => reasonFor(role, action, resource) === undefined)
      .map((resource) => `${role} may ${action} ${resource}, which no test was seen to use`),
  );
}

/** A witness of a right that is no longer given tells of nothing. */
function gone(statements: readonly RoleStatement[], witnesses: Witnesses): string[] {
  return Object.entries(witnesses).flatMap(([role, rights]) => {
    const given = statements.filter((each) => each.role === role).flatMap(rightsOf);
    return Object.keys(rights)
      .filter((right) => !given.includes(right))
      .map((right) => `witnesses.json: ${role} has no right to ${right}: npm run permissions -- --record`);
  });
}
