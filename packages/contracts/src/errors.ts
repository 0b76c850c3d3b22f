/** What a caller may rely on: may Step Functions try again, and what does the person who reads it do. */
interface ErrorClass {
  readonly retryable: boolean;
  /** Raised to a caller of the API only, never inside of a state machine. */
  readonly caller?: true;
  /** One sentence for `docs/errors.md`: when it is raised. */
  readonly when: string;
  /** One sentence for `docs/errors.md`: what mends it. */
  readonly mend: string;
}

/** Every failure raised on purpose. The key is the name that ASL matches in ErrorEquals; the value drives its Retry. */
export const ERRORS = {
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
  'Workflow.Invalid': {
    retryable: false,
    when: 'A workflow document is not valid.',
    mend: 'Run `statebag validate`; every problem is listed with its place and its mend.',
  },
  'Definition.SegmentUnknown': {
    retryable: false,
    when: 'A definition has no segment of the given id.',
    mend: 'Check definition_id: a run must keep the definition it was started with.',
  },
  'Expression.Failed': {
    retryable: false,
    when: 'An expression or template could not be evaluated.',
    mend: 'The message names the node and the position in the expression.',
  },
  'Expression.LimitExceeded': {
    retryable: false,
    when: 'An expression took too long, nested too deep or made too large a result.',
    mend: 'Make the expression do less, or split the node.',
  },
  'Node.Failed': {
    retryable: false,
    when: 'A node failed in a way no other code describes.',
    mend: 'The message names the node; the cause is kept.',
  },
  'Node.TooManyItems': {
    retryable: false,
    when: 'The list of a for_each is longer than its max_items.',
    mend: 'Raise max_items, or split the list.',
  },
  'Loop.LimitExceeded': {
    retryable: false,
    when: 'A run or branch applied more segment results than its limit allows.',
    mend: 'Check the exit condition of the loop, or raise its limit in the workflow.',
  },
  'Ledger.OutcomeUnknown': {
    retryable: false,
    when: 'An outside call with an unsafe method was begun by an earlier attempt and its result was never recorded.',
    mend: 'Check at the called service whether it happened; say `on_unknown: retry` where repeating is harmless.',
  },
  'Ledger.LeaseLost': {
    retryable: false,
    when: 'A worker lost the right to make a call to another worker; it stops and answers nothing.',
    mend: 'Nothing: the other worker answers. If it happens often, look for functions that are frozen for longer than their lease.',
  },
  'Ledger.ShadowMiss': {
    retryable: false,
    when: 'A run that repeats another one asked for a call, a decision or an answer that the other one never had. Nothing was called.',
    mend: 'It is a divergence: compare the node in both runs (bin/statebag diff); the message names it.',
  },
  'Function.Failed': {
    retryable: false,
    when: 'A function that a lambda node called failed, or does not exist, or may not be called.',
    mend: 'Read the message; the function’s own log has the rest.',
  },
  'Function.Unavailable': {
    retryable: true,
    when: 'Lambda throttled the call of a lambda node, was not to be reached, or did not answer in time.',
    mend: 'Nothing if it passes; an unsafe call is not repeated by itself (Ledger.OutcomeUnknown).',
  },
  'Http.AddressRefused': {
    retryable: false,
    when: 'An api_call leads to an address inside of a network, or to something that is no http or https address. No request was sent.',
    mend: 'Use a public address, or let the deployment allow the host.',
  },
  'Http.Refused': {
    retryable: false,
    when: 'The called service answered 4xx, or redirected too often.',
    mend: 'Read the answer; `accept_status: any` makes it a result.',
  },
  'Http.TooLarge': {
    retryable: false,
    when: 'The called service sent more than the node’s max_bytes.',
    mend: 'Ask for less, or raise max_bytes.',
  },
  'Http.Unavailable': {
    retryable: true,
    when: 'The called service answered 408, 429 or 5xx, or not at all.',
    mend: 'Nothing if it passes: the state machine tries again.',
  },
  'Llm.Unconfigured': {
    retryable: false,
    when: 'A node asks for a provider or model that this deployment has no settings for.',
    mend: 'Set the provider’s key and address, or use `mock`.',
  },
  'Llm.RequestRejected': {
    retryable: false,
    when: 'The provider refused the request (4xx other than 408, 409 and 429).',
    mend: 'Read the provider’s message; correct model name, prompt size or parameters.',
  },
  'Llm.Refused': {
    retryable: false,
    when: 'The model refused to answer, or the provider’s content filter stopped it.',
    mend: 'Change the prompt or the data it quotes, or use another model; the same question gets the same refusal.',
  },
  'Llm.OutputInvalid': {
    retryable: false,
    when: 'The model’s answer does not match the node’s response_schema after all tries.',
    mend: 'Make schema or prompt clearer, or allow more tries.',
  },
  'Llm.Unavailable': {
    retryable: true,
    when: 'The provider limited the rate, was overloaded, timed out or answered 5xx, after the client’s own tries.',
    mend: 'Nothing if it passes: the state machine tries again; recorded calls are not repeated.',
  },
  'Run.Cancelled': {
    retryable: false,
    when: 'A run that was cancelled was about to make an outside call or to ask a person, or a decision came for it.',
    mend: 'Nothing: the run was ended on purpose.',
  },
  'Api.Unauthenticated': {
    retryable: false,
    caller: true,
    when: 'A request came without the claims of a checked token.',
    mend: 'Send a token of the configured issuer and audience as `Authorization: Bearer …`.',
  },
  'Api.BodyTooLarge': {
    retryable: false,
    caller: true,
    when: 'The body of a request is larger than the API takes.',
    mend: 'Put large inputs under your uploads (POST /uploads) and name them in `upload`.',
  },
  'Api.Failed': {
    retryable: false,
    caller: true,
    when: 'A request failed for a reason that is not the caller’s.',
    mend: 'Look for the request id in the function’s log.',
  },
  'Definition.NotFound': {
    retryable: false,
    caller: true,
    when: 'A run was to be started from a definition that the caller never published.',
    mend: 'Send the workflow document instead; it is published and its definition_id returned.',
  },
  'Run.NotFound': {
    retryable: false,
    caller: true,
    when: 'There is no such run, or it belongs to somebody else.',
    mend: 'List your runs; ids are case-sensitive.',
  },
  'Run.Conflict': {
    retryable: false,
    caller: true,
    when: 'A run of this idempotency key exists and was started with another input or definition.',
    mend: 'Use another key, or send the very same request.',
  },
  'Run.Duplicate': {
    retryable: false,
    caller: true,
    when: 'A first-generation run of the same idempotency key is under way; the message names it.',
    mend: 'Wait for it: the same start gives its result then.',
  },
  'Run.NotResumable': {
    retryable: false,
    caller: true,
    when: 'A run that is under way, has succeeded or was never begun cannot be resumed or cancelled.',
    mend: 'Look at its status first.',
  },
  'Rollout.Unreadable': {
    retryable: false,
    caller: true,
    when: 'The SSM parameter that says on which generation runs begin is missing, may not be read, or holds something else.',
    mend: 'Deploy workflow-api, which makes it; what it held before is in the changes that the table of runs keeps.',
  },
  'Rollout.NotComparable': {
    retryable: false,
    caller: true,
    when: 'A run cannot be repeated on v3 to compare it: it shared a list out among many workers, or brought along what v3 does not take.',
    mend: 'Nothing: it counts on neither side. Compare such workflows by running both generations (bin/statebag run).',
  },
  'Rollout.Conflict': {
    retryable: false,
    caller: true,
    when: 'Somebody else changed the rollout at the same time.',
    mend: 'Look at bin/statebag rollout status, and give the command again if it is still wanted.',
  },
  'Approval.NotRequested': {
    retryable: false,
    caller: true,
    when: 'A decision came for a run that asks nothing, or not yet.',
    mend: 'Wait until the run is paused; its approvals can be listed.',
  },
  'Approval.Ambiguous': {
    retryable: false,
    caller: true,
    when: 'A run waits for several decisions and the answer does not say which one it is for.',
    mend: 'Name the node; the message lists those that wait.',
  },
  'Approval.ChoiceUnknown': {
    retryable: false,
    caller: true,
    when: 'The choice is none of those the approval offers.',
    mend: 'Take one of the choices in the message.',
  },
  'Approval.AlreadyDecided': {
    retryable: false,
    caller: true,
    when: 'Another decision was recorded before.',
    mend: 'Nothing can be changed any more; the message says who decided what, and when.',
  },
  'Approval.Expired': {
    retryable: false,
    caller: true,
    when: 'The deadline of the approval has passed, or its run has ended.',
    mend: 'Start or resume the run, and decide before the deadline.',
  },
} as const satisfies Record<`${string}.${string}`, ErrorClass>;

export type ErrorCode = keyof typeof ERRORS;
