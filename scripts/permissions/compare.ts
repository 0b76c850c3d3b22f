import { covers, type Right } from './policies.ts';
import type { RecordedCalls } from './recorded-calls.ts';

/** Rights that no test makes use of, with the reason why they are there. Everything else that is never used is refused. */
export const UNUSED_RIGHTS: Readonly<Record<string, string>> = {
  's3:AbortMultipartUpload': 'takes back an upload that failed half way; no test makes one fail',
  'asyncLlmHandler lambda:InvokeFunction': 'used by Lambda itself, which hands a failed event to answerFailedCall',
  'executeSegment lambda:InvokeFunction': 'what `lambda` nodes may call is chosen by the deployment',
  'processSegmentChunk lambda:InvokeFunction': 'what `lambda` nodes may call is chosen by the deployment',
  'executeSegment ssm:GetParameter': 'keys of providers; models on one machine ask for none',
  'processSegmentChunk ssm:GetParameter': 'keys of providers; models on one machine ask for none',
  'asyncLlmHandler ssm:GetParameter': 'keys of providers; models on one machine ask for none',
  'getRun s3:GetObject': 'reads the index of a state that was stored whole; the runs of the API tests are smaller',
  'runHistory s3:GetObject': 'reads archived blocks of a long history; the runs of the API tests are shorter',
  'runApprovals s3:GetObject': 'reads a message that was too long to stay inline',
  'approveRun s3:GetObject': 'reads a message that was too long to stay inline',
  'rejectRun s3:GetObject': 'reads a message that was too long to stay inline',
  'rejectRun s3:PutObject': 'stores an answer that is too large for a transition; seen of approveRun, which is the same code',
  'cancelRun states:StopExecution': 'ends runs of the first generation too; the tests cancel runs of v3',
  'resumeRun states:DescribeExecution': 'goes on with runs of the first generation too; the tests resume runs of v3',
  'resumeRun states:GetExecutionHistory': 'goes on with runs of the first generation too; the tests resume runs of v3',
  'resumeRun lambda:InvokeFunction': 'takes a run back to a snapshot; the sync core is tested for it, not through the API',
  'loadLatestState s3:PutObject': 'stores what no longer fits into a bag of the first generation; the runs of its tests are smaller',
  'mergeCallback s3:GetObject': 'reads a state of the first generation that was stored whole; the runs of its tests are smaller',
  'mergeCallback s3:PutObject': 'stores what no longer fits into a bag of the first generation; the runs of its tests are smaller',
  'beginShadow s3:GetObject': 'reads an input that came as an upload; the shadowed runs of the tests have theirs inline',
  'answerReplay states:SendTaskFailure': 'answers a replayed failure; the tests replay answers',
  'refuseReplay states:SendTaskFailure': 'used when replaying itself breaks; no test breaks it',
  'bedrock:InvokeModel': 'no model of Bedrock answers on one machine; the wire tests of the provider do without a function',
};

/** Rights that are missing, and rights that nobody uses. */
export function comparePermissions(rights: readonly Right[], recorded: RecordedCalls): readonly string[] {
  return [...missing(rights, recorded), ...unused(rights, recorded)];
}

function missing(rights: readonly Right[], recorded: RecordedCalls): string[] {
  return Object.entries(recorded).flatMap(([key, calls]) =>
    calls.filter((call) => !rights.some((right) => right.function === key && isUsedBy(right, call))).map((call) => `${key} calls ${call} and has no right to`),
  );
}

/** An action of a statement is used where any of its resources is, and a resource where any of its actions is. */
function unused(rights: readonly Right[], recorded: RecordedCalls): string[] {
  const used = rights.filter((right) => (recorded[right.function] ?? []).some((call) => isUsedBy(right, call)));
  const inStatement = ({ function: key, statement }: Right) => used.filter((each) => each.function === key && each.statement === statement);
  const unusedOnes = rights.filter((right) => {
    const others = inStatement(right);
    return !(others.some(({ action }) => action === right.action) && others.some(({ resource }) => resource === right.resource));
  });
  const lines = unusedOnes
    .filter(({ action, function: key }) => !Object.hasOwn(UNUSED_RIGHTS, action) && !Object.hasOwn(UNUSED_RIGHTS, `${key} ${action}`))
    .map(({ function: key, action, resource }) => `${key} may ${action} ${resource}, which no test was seen to use`);
  return [...new Set(lines)];
}

function isUsedBy({ action, resource }: Right, call: string): boolean {
  const [called = '', on = ''] = call.split(' ');
  // A token names its machine; which one cannot be told from the call.
  return action === called && (called.startsWith('states:SendTask') || covers(resource, on));
}
