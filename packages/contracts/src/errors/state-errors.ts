import type { ErrorClasses } from './error-class.ts';

/** What can be wrong with events, bags, results and what is stored of them. */
export const STATE_ERRORS = {
  'Contract.EventRejected': {
    retryable: false,
    when: 'An event, document or id does not have the shape the function accepts.',
    mend: 'Read the named path in the message and compare it with docs/contracts.md; a state machine and its functions must be of the same release.',
  },
  'Contract.Misconfigured': {
    retryable: false,
    when: 'An environment variable of a function is missing or malformed; raised before the first event.',
    mend: 'Set the named variable in the service’s serverless.yml and deploy again.',
  },
  'Json.NotRepresentable': {
    retryable: false,
    when: 'A value cannot be written as JSON without loss (NaN, an infinity, undefined, a function, a lone surrogate, a cycle, nesting over the limit).',
    mend: 'Change the node that made the value at the named path.',
  },
  'Bag.BudgetExceeded': {
    retryable: false,
    when: 'A bag or result is over its budget with everything movable moved out.',
    mend: 'The message names the largest fields; shorten what stays inline (names, ids, number of fields with pointers).',
  },
  'Bag.Nested': {
    retryable: false,
    when: 'A state bag was found inside a state bag.',
    mend: 'Correct the ResultPath or ResultSelector of the calling state: the envelope goes to `$`.',
  },
  'Pointer.Foreign': {
    retryable: false,
    when: 'A pointer names an object outside of this run, its definition and its uploads. No request was sent.',
    mend: 'Find the writer of the pointer; a pointer of another run must be hydrated there and passed as data.',
  },
  'Pointer.LookAlike': {
    retryable: false,
    when: 'The start input holds a field that looks like a Statebag pointer or a reserved switch.',
    mend: 'Rename or nest the named field.',
  },
  'Payload.Undecodable': {
    retryable: false,
    when: 'compressed_data is not gzip and base64 of JSON.',
    mend: 'Pass the value exactly as update_and_compress returned it.',
  },
  'Store.ObjectMissing': {
    retryable: false,
    when: 'A pointer leads to an object that does not exist.',
    mend: 'Check the bucket’s lifecycle rules against the age of the run; see docs/operations.md.',
  },
  'Store.ObjectCorrupt': {
    retryable: false,
    when: 'An object does not have the recorded hash, also when read again.',
    mend: 'Restore the object’s earlier version; the pointer keeps the hash it must have.',
  },
  'Store.AccessDenied': {
    retryable: false,
    when: 'S3, the table of runs, the event bus or Step Functions refused a function’s role.',
    mend: 'Compare the function’s role with its README; without s3:ListBucket a missing object is refused too.',
  },
  'Store.Unavailable': {
    retryable: true,
    when: 'S3, the table of runs, the event bus or Step Functions answered 5xx, throttled, or the connection broke, after all tries.',
    mend: 'Nothing if it passes: the state machine tries again.',
  },
  'Result.OutOfOrder': {
    retryable: false,
    when: 'A result does not answer the segment the bag waits for.',
    mend: 'Look for a second writer of the run; the message holds both result ids.',
  },
  'Result.Unroutable': {
    retryable: false,
    when: 'A segment status has no next action under this action, or names no next segment where it must.',
    mend: 'Compare status and action with the routing table in docs/contracts.md.',
  },
  'Reducer.TypeMismatch': {
    retryable: false,
    when: 'A reducer met a value of a type it is not made for.',
    mend: 'Correct the reducer in state.reducers or the node’s output.',
  },
} as const satisfies ErrorClasses;
