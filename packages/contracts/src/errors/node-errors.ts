import type { ErrorClasses } from './error-class.ts';

/** What can go wrong while nodes run and call the world outside. */
export const NODE_ERRORS = {
  'Workflow.Invalid': {
    retryable: false,
    when: 'A workflow document is not valid.',
    mend: 'Run `statebag validate <workflow>`; it lists every problem, its place and how to correct it.',
  },
  'Definition.SegmentUnknown': {
    retryable: false,
    when: 'A definition has no segment of the given id.',
    mend: 'Check `definition_id`: a run must keep the definition with which it was started.',
  },
  'Expression.Failed': {
    retryable: false,
    when: 'An expression or template could not be evaluated.',
    mend: 'Correct the expression; the message names the node and the position.',
  },
  'Expression.LimitExceeded': {
    retryable: false,
    when: 'An expression took too long, nested too deep or made too large a result, or all expressions of an invocation took more than 300 s together.',
    mend: 'Make the expression do less, or split the node.',
  },
  'Node.Failed': {
    retryable: false,
    when: 'A node failed for a reason that no other code describes.',
    mend: 'Read the message: it names the node and the cause.',
  },
  'Node.RetriesExhausted': {
    retryable: false,
    when: 'A call with `retry` failed in every attempt.',
    mend: 'Read the last error in the message. When its cause is gone, resume the run; or raise `attempts` or `interval_s`.',
  },
  'Node.TooManyItems': {
    retryable: false,
    when: 'The list of a for_each is longer than its max_items.',
    mend: 'Raise `max_items`, or split the list.',
  },
  'Loop.LimitExceeded': {
    retryable: false,
    when: 'A run or branch applied more segment results than its limit allows.',
    mend: 'Check the exit condition of the loop, or raise its limit in the workflow.',
  },
  'Ledger.OutcomeUnknown': {
    retryable: false,
    when: 'An outside call that is unsafe to repeat left, and no answer came: the connection broke or the function ended in between. A call that was never sent, or was answered with 4xx or 5xx, is not meant.',
    mend: 'Read the cause in the message. Ask the called service whether the call arrived. If repeating does no harm, set `on_unknown: retry` on the node and resume the run.',
  },
  'Ledger.LeaseLost': {
    retryable: false,
    when: 'Another worker took over this call. The first worker stops and does not answer.',
    mend: 'Nothing: the other worker answers. If it happens often, look for functions that are paused for longer than their lease.',
  },
  'Ledger.ShadowMiss': {
    retryable: false,
    when: 'A run that replays another run needs a call, a decision or an answer that the other run did not record. Nothing was called.',
    mend: 'The two runs differ here. Compare the node that the message names in both runs (`bin/statebag diff`).',
  },
  'Function.Failed': {
    retryable: false,
    when: 'The function that a `lambda` node called has failed, does not exist, or must not be called.',
    mend: 'Read the message, then the log of the called function.',
  },
  'Function.Unavailable': {
    retryable: true,
    when: 'Lambda throttled the call of a `lambda` node, could not be reached, or did not answer in time.',
    mend: 'Nothing at first: the state machine tries again. A call that is unsafe to repeat then fails with Ledger.OutcomeUnknown.',
  },
  'Http.AddressRefused': {
    retryable: false,
    when: 'The address of an `api_call` is inside a private network, or is not an http or https address. No request was sent.',
    mend: 'Use a public address, or allow the host: in the parameter `httpAllowedHosts` of the deployment; on this machine in `allowed_hosts` of statebag.config.json, or with --allow-host.',
  },
  'Http.RequestInvalid': {
    retryable: false,
    when: 'A header of an `api_call` has a name or a value that HTTP cannot carry. No request was sent.',
    mend: 'Correct the header that the message names: no line breaks, and only characters of Latin-1.',
  },
  'Http.Refused': {
    retryable: false,
    when: 'The called service answered 4xx, redirected too often, to no address, or a secret to somebody else.',
    mend: 'Read the answer in the message. With `accept_status: any` such an answer is a result of the node.',
  },
  'Http.TooLarge': {
    retryable: false,
    when: 'The called service sent more than the `max_bytes` of the node.',
    mend: 'Ask for less data, or raise `max_bytes`.',
  },
  'Http.Unavailable': {
    retryable: true,
    when: 'The called service answered 408, 429 or 5xx, or not at all.',
    mend: 'Nothing at first: the state machine tries again. If it stays, look at the status of the called service.',
  },
  'Secret.NotFound': {
    retryable: false,
    when: 'An `api_call` needs a secret that the deployment does not have, or may not read. No request was sent.',
    mend: 'Put it where the message says (docs/secrets.md) and resume the run.',
  },
  'Secret.Unavailable': {
    retryable: true,
    when: 'The store of secrets throttled the read, could not be reached, or answered 5xx. No request was sent.',
    mend: 'Nothing at first: the state machine tries again.',
  },
  'Llm.Unconfigured': {
    retryable: false,
    when: 'A node names a provider for which this deployment has no settings, or the provider refuses its key.',
    mend: 'Set the key and the address of the provider (docs/providers.md), or use the provider `mock`.',
  },
  'Llm.RequestRejected': {
    retryable: false,
    when: 'The provider refused the request (4xx other than 408, 409 and 429).',
    mend: 'Read the message of the provider; correct the name of the model, the size of the prompt or the parameters.',
  },
  'Llm.Refused': {
    retryable: false,
    when: 'The model refused to answer, or the provider’s content filter stopped it.',
    mend: 'Change the prompt or the data it quotes, or use another model; the same question gets the same refusal.',
  },
  'Llm.FileRefused': {
    retryable: false,
    when: 'A file of an `llm_chat` is larger than its provider takes, empty, or of a kind that the provider does not take. The model was not asked.',
    mend: 'Make the file smaller, give its `media_type`, or use another provider (docs/providers.md has what each takes).',
  },
  'Llm.AnswerTooLarge': {
    retryable: false,
    when: 'A provider sent more than the `max_bytes` of the node (10 MB if not given). The rest was not read.',
    mend: 'Ask for less (`max_tokens`), or raise `max_bytes`.',
  },
  'Llm.OutputInvalid': {
    retryable: false,
    when: 'The model’s answer does not match the node’s response_schema after all tries.',
    mend: 'Read the answers in the message. Make the schema or the prompt clearer, or raise `tries`.',
  },
  'Llm.Unavailable': {
    retryable: true,
    when: 'The provider limited the rate, was overloaded, did not answer in time or answered 5xx.',
    mend: 'Nothing at first: the state machine tries again, and recorded calls are not repeated. If it stays, look at the status of the provider.',
  },
  'Llm.AtCapacity': {
    retryable: true,
    when: 'As many calls of a provider were under way as its `at_once` allows, for half of the time that the call may take. The model was not asked.',
    mend: 'Nothing: the state machine waits, as for a free function, and no item of a list fails by it. If runs take too long, raise `at_once`.',
  },
  'Run.CostExceeded': {
    retryable: false,
    when: 'The next model call could have taken the run, one of its nodes, a budget that runs share, or the day of the owner over its `max_cost_usd` or `max_tokens`. The model was not asked.',
    mend: 'Read in the message whose limit it is and what was spent. Raise the limit in `options` (that of the day stands in the deployment: wait for the next one), and continue with `statebag resume <run> --workflow <file>`: calls that are recorded are not paid for again.',
  },
  'Run.Cancelled': {
    retryable: false,
    when: 'A cancelled run was about to make an outside call or to ask a person, or somebody sent a decision for it.',
    mend: 'Nothing: somebody cancelled the run.',
  },
} as const satisfies ErrorClasses;
