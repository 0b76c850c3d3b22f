import type { ErrorClasses } from './error-class.ts';

/** What can go wrong while nodes run and call the world outside. */
export const NODE_ERRORS = {
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
} as const satisfies ErrorClasses;
