import { ApiError } from '@statebag/states';

/** What SQS refuses, in its words. `query` is the code of the older protocol, which causes of tasks show. */
function refusal(code: string, message: string, query = code): ApiError {
  return new ApiError(code, message, { fields: { query } });
}

export const sqsErrors = {
  noQueue: () =>
    refusal(
      'QueueDoesNotExist',
      'The specified queue does not exist.',
      'AWS.SimpleQueueService.NonExistentQueue',
    ),
  nameExists: () =>
    refusal(
      'QueueNameExists',
      'A queue already exists with the same name and a different value for attribute(s).',
      'QueueAlreadyExists',
    ),
  missing: (parameter: string) =>
    refusal('MissingParameter', `The request must contain the parameter ${parameter}.`),
  invalid: (message: string) => refusal('InvalidParameterValue', message),
  badReceipt: (handle: string) =>
    refusal('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`),
  badAttribute: (name: string) => refusal('InvalidAttributeName', `Unknown Attribute ${name}.`),
  badValue: (name: string) => refusal('InvalidAttributeValue', `Invalid value for the parameter ${name}.`),
  emptyBatch: () =>
    refusal(
      'EmptyBatchRequest',
      'There should be at least one entry in the request.',
      'AWS.SimpleQueueService.EmptyBatchRequest',
    ),
  tooManyEntries: () =>
    refusal(
      'TooManyEntriesInBatchRequest',
      'Maximum number of entries per request are 10.',
      'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
    ),
  sameIds: () =>
    refusal(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
      'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
    ),
  notInflight: () =>
    refusal(
      'MessageNotInflight',
      'The message referred to is not in flight.',
      'AWS.SimpleQueueService.MessageNotInflight',
    ),
} as const;
