import type { ErrorClasses } from './error-class.ts';

/** What only a caller of the API is told, never a state machine. */
export const CALLER_ERRORS = {
  'Api.Unauthenticated': {
    retryable: false,
    caller: true,
    when: 'A request has no valid token.',
    mend: 'Send a token of the configured issuer and audience in the header `Authorization: Bearer …`.',
  },
  'Api.BodyTooLarge': {
    retryable: false,
    caller: true,
    when: 'The body of a request is larger than the API takes.',
    mend: 'Upload large inputs first (POST /uploads), and name the upload in `upload`.',
  },
  'Api.Failed': {
    retryable: false,
    caller: true,
    when: 'A request failed, and the caller did nothing wrong.',
    mend: 'Search the log of the function for the request id.',
  },
  'Definition.NotFound': {
    retryable: false,
    caller: true,
    when: 'A start names a definition that this caller has not published.',
    mend: 'Send the workflow document instead. It is published, and the reply has its `definition_id`.',
  },
  'Run.NotFound': {
    retryable: false,
    caller: true,
    when: 'There is no such run, or it belongs to somebody else.',
    mend: 'List your runs (GET /runs); upper and lower case in ids matter.',
  },
  'Run.InputInvalid': {
    retryable: false,
    caller: true,
    when: 'The input of a run lacks a field that its workflow requires, or does not obey the schema of an input node.',
    mend: 'Correct the input at the places that the message names; the input nodes of the workflow say what it has to bring.',
  },
  'Run.Conflict': {
    retryable: false,
    caller: true,
    when: 'A run of this idempotency key exists and was started with another input or definition.',
    mend: 'Use another key, or send exactly the same request.',
  },
  'Run.Duplicate': {
    retryable: false,
    caller: true,
    when: 'A first-generation run with the same idempotency key is running; the message names it.',
    mend: 'Wait until that run has ended; then the same start returns its result.',
  },
  'Run.NotForkable': {
    retryable: false,
    caller: true,
    when: 'A run cannot be forked as asked: it is on the first generation, has no state yet, what it kept is gone, the workflow has no such node, or the id of the fork would be too long.',
    mend: 'Read the message. A fork of a fork of a fork can begin from the first run instead, with all edits.',
  },
  'Run.NotRecordable': {
    retryable: false,
    caller: true,
    when: 'A run cannot be recorded as a fixture: it goes on, is a fork, never had a state, takes items from an upload, or its ledger is of an earlier release.',
    mend: 'Read the message. Record the run that a fork began from, or a run that takes its items from its input.',
  },
  'Run.NotResumable': {
    retryable: false,
    caller: true,
    when: 'A run that is running, has succeeded, was cancelled or has no state yet cannot be resumed. A run that has ended cannot be cancelled.',
    mend: 'Look at the status of the run: `statebag show <run>` or GET /runs/{run_id}.',
  },
  'Rollout.Unreadable': {
    retryable: false,
    caller: true,
    when: 'The SSM parameter that says on which generation runs start is missing, cannot be read, or has a wrong form.',
    mend: 'Deploy workflow-api, which creates it. The table of runs keeps its earlier values: `statebag rollout status` shows the last changes.',
  },
  'Rollout.NotComparable': {
    retryable: false,
    caller: true,
    when: 'A run cannot be repeated on v3 for a comparison: it used a distributed map, or something that v3 does not accept.',
    mend: 'Nothing: such a run is not counted. Compare the workflow by running it on both generations (`bin/statebag diff`).',
  },
  'Rollout.Conflict': {
    retryable: false,
    caller: true,
    when: 'Somebody else changed the rollout settings at the same time.',
    mend: 'Look at `bin/statebag rollout status`, and repeat the command if you still want the change.',
  },
  'Approval.NotRequested': {
    retryable: false,
    caller: true,
    when: 'Somebody sent a decision for a run that does not ask, or not yet.',
    mend: 'Wait until the run is paused; `statebag approvals <run>` lists what it asks.',
  },
  'Approval.Ambiguous': {
    retryable: false,
    caller: true,
    when: 'A run waits for several decisions, and the answer does not say for which one it is.',
    mend: 'Name the node (`--node`, `node_id`); the message lists the nodes that wait.',
  },
  'Approval.ChoiceUnknown': {
    retryable: false,
    caller: true,
    when: 'The approval does not offer this choice.',
    mend: 'Use one of the choices in the message.',
  },
  'Approval.AlreadyDecided': {
    retryable: false,
    caller: true,
    when: 'Another decision was recorded before.',
    mend: 'Nothing: a decision cannot be changed. The message says who decided what, and when.',
  },
  'Approval.Expired': {
    retryable: false,
    caller: true,
    when: 'The deadline of the approval has passed, or its run has ended.',
    mend: 'Start or resume the run, and decide before the deadline.',
  },
  'Viewer.KeyMissing': {
    retryable: false,
    caller: true,
    when: 'A request to the server of the viewer has no key, or not the one of the place that it shows.',
    mend: 'Open the address that `statebag dev` or `statebag ui` printed, with everything behind the #.',
  },
  'Viewer.Foreign': {
    retryable: false,
    caller: true,
    when: 'A page of another origin asked the server of the viewer, or a foreign name leads to it.',
    mend: 'Open the address that the command printed, not another name of this machine.',
  },
  'Viewer.ReadOnly': {
    retryable: false,
    caller: true,
    when: 'Somebody wanted to change a stage that the viewer only shows, or something that is only read.',
    mend: 'Use the command beside the button.',
  },
  'Viewer.NoRoute': {
    retryable: false,
    caller: true,
    when: 'The server of the viewer has no such route.',
    mend: 'Load the page again: it may be of another version than its server.',
  },
  'Viewer.NoFile': {
    retryable: false,
    caller: true,
    when: 'The page of the viewer has no such file.',
    mend: 'Load the page again: it may be of another version than its server.',
  },
} as const satisfies ErrorClasses;
