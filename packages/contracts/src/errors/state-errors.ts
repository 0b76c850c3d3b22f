import type { ErrorClasses } from './error-class.ts';

/** What can be wrong with events, bags, results and what is stored of them. */
export const STATE_ERRORS = {
  'Contract.EventRejected': {
    retryable: false,
    when: 'An event, document or id does not have the shape the function accepts.',
    mend: 'Compare the path in the message with docs/contracts.md. State machines and functions must be deployed from the same release.',
  },
  'Contract.Misconfigured': {
    retryable: false,
    when: 'An environment variable of a function is missing or has a wrong form. It is raised before the first event.',
    mend: 'Set the named variable in the service’s serverless.yml and deploy again.',
  },
  'Json.NotRepresentable': {
    retryable: false,
    when: 'A value cannot be written as JSON without loss (NaN, an infinity, undefined, a function, a lone surrogate, a cycle, nesting over the limit).',
    mend: 'Change the node that made the value at the named path.',
  },
  'Bag.BudgetExceeded': {
    retryable: false,
    when: 'A bag or a result is larger than its budget, although everything that can be moved to S3 was moved.',
    mend: 'The message names the largest fields. Make smaller what stays inline: names, ids, the number of fields with pointers.',
  },
  'Bag.Nested': {
    retryable: false,
    when: 'A state bag was found inside a state bag.',
    mend: 'Correct ResultPath or ResultSelector of the state that calls the function: the envelope must replace `$`.',
  },
  'Pointer.Foreign': {
    retryable: false,
    when: 'A pointer names an object outside of this run, its definition and its uploads. No request was sent.',
    mend: 'Find out what wrote the pointer. A value of another run must be read in that run and passed as data.',
  },
  'Pointer.LookAlike': {
    retryable: false,
    when: 'The start input holds a field that is a reserved switch, or whose name could reach the prototype of an object.',
    mend: 'Rename the field that the message names, or put it into an object.',
  },
  'Payload.Undecodable': {
    retryable: false,
    when: 'compressed_data is not gzip and base64 of JSON.',
    mend: 'Pass the value exactly as update_and_compress returned it.',
  },
  'State.TooLarge': {
    retryable: false,
    when: 'The fields that one invocation would read take more than 128 MB together.',
    mend: 'Let the expressions name what they need of the state instead of all of it, or split the node that reads so much.',
  },
  'Store.ObjectMissing': {
    retryable: false,
    when: 'A pointer leads to an object that does not exist.',
    mend: 'Compare the lifecycle rules of the bucket with the age of the run; see docs/operations.md.',
  },
  'Store.ObjectCorrupt': {
    retryable: false,
    when: 'An object does not have the recorded hash, even after a second read.',
    mend: 'Restore the earlier version of the object; the pointer has the hash that it must have.',
  },
  'Store.AccessDenied': {
    retryable: false,
    when: 'S3, the table of runs, the event bus or Step Functions refused a function’s role.',
    mend: 'Compare the role of the function with its README. Without s3:ListBucket, S3 also refuses the read of an object that does not exist.',
  },
  'Store.Unavailable': {
    retryable: true,
    when: 'S3, the table of runs, the event bus or Step Functions answered 5xx, throttled the request, or the connection broke, in every try.',
    mend: 'Nothing at first: the state machine tries again. If it stays, look at the status of the called service.',
  },
  'Result.OutOfOrder': {
    retryable: false,
    when: 'A result does not answer the segment the bag waits for.',
    mend: 'Look for a second writer of the run; the message has both result ids.',
  },
  'Result.Unroutable': {
    retryable: false,
    when: 'The routing table has no entry for this status and action, or the status needs a next segment and names none.',
    mend: 'Compare the status and the action with the routing table in docs/contracts.md.',
  },
  'Reducer.TypeMismatch': {
    retryable: false,
    when: 'A reducer got a value of a type that it cannot combine.',
    mend: 'Correct the reducer in `state.reducers`, or the output of the node.',
  },
} as const satisfies ErrorClasses;
