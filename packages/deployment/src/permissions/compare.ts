import { covers, type Right } from './policies.ts';
import type { RecordedCalls } from './recorded-calls.ts';

/**
 * Rights that no test makes use of, with the reason why they are there. Everything else that is never used is
 * refused.
 */
export const UNUSED_RIGHTS: Readonly<Record<string, string>> = {
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
};

/** Rights that are missing, and rights that nobody uses. */
export function comparePermissions(rights: readonly Right[], recorded: RecordedCalls): readonly string[] {
  return [...missing(rights, recorded), ...unused(rights, recorded)];
}

function missing(rights: readonly Right[], recorded: RecordedCalls): string[] {
  return Object.entries(recorded).flatMap(([key, calls]) =>
    calls
      .filter((call) => !rights.some((right) => right.function === key && isUsedBy(right, call)))
      .map((call) => `${key} calls ${call} and has no right to`),
  );
}

/**
 * An action of a statement is used where any of its resources is, and a resource where any of its actions is.
 */
function unused(rights: readonly Right[], recorded: RecordedCalls): string[] {
  const used = rights.filter((right) =>
    (recorded[right.function] ?? []).some((call) => isUsedBy(right, call)),
  );
  const inStatement = ({ function: key, statement }: Right) =>
    used.filter((each) => each.function === key && each.statement === statement);
  const unusedOnes = rights.filter((right) => {
    const others = inStatement(right);
    return !(
      others.some(({ action }) => action === right.action) &&
      others.some(({ resource }) => resource === right.resource)
    );
  });
  const lines = unusedOnes
    .filter(
      ({ action, resource, function: key }) =>
        ![action, `${key} ${action}`, `${action} ${resource}`].some((right) =>
          Object.hasOwn(UNUSED_RIGHTS, right),
        ),
    )
    .map(
      ({ function: key, action, resource }) =>
        `${key} may ${action} ${resource}, which no test was seen to use`,
    );
  return [...new Set(lines)];
}

function isUsedBy({ action, resource }: Right, call: string): boolean {
  const [called = '', on = ''] = call.split(' ');
  // A token names its machine; which one cannot be told from the call.
  return action === called && (called.startsWith('states:SendTask') || covers(resource, on));
}
