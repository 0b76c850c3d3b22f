import type { JsonObject } from '@statebag/contracts';
import type { Machine, Site } from '../definition.ts';
import type { Finding } from '../rule.ts';

export const each = (machine: Machine, find: (site: Site) => Finding | undefined): readonly Finding[] =>
  [...machine.sites.values()].flatMap((site) => find(site) ?? []);
export const has = ({ state }: Site, field: string): boolean => field in state || `${field}Path` in state;
/** A machine of one state, as an example. */
export const one = (state: JsonObject): { definition: JsonObject } => ({
  definition: { StartAt: 'Work', States: { Work: { End: true, ...state } } },
});
export const two = (work: JsonObject, then: JsonObject): { definition: JsonObject } => ({
  definition: { StartAt: 'Work', States: { Work: { Next: 'Then', ...work }, Then: { End: true, ...then } } },
});
export const LAMBDA = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
export const CALL = { ...LAMBDA, Parameters: { FunctionName: 'work', 'Payload.$': '$' } };
export const JOB = {
  Type: 'Task',
  Resource: 'arn:aws:states:::glue:startJobRun.sync',
  Parameters: { JobName: 'nightly' },
};
export const QUEUE = { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' };
export const BODY = { 'order.$': '$.order', 'token.$': '$$.Task.Token' };
export const ASK = { ...QUEUE, Parameters: { QueueUrl: 'https://sqs/q', MessageBody: BODY } };
export const ITEM = { StartAt: 'Do', States: { Do: { ...CALL, TimeoutSeconds: 60, End: true } } };
export const FAST_RETRY = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ],
  IntervalSeconds: 1,
  MaxAttempts: 6,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};
