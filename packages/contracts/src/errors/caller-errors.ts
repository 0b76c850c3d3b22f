import type { ErrorClasses } from './error-class.ts';

/** What only a caller of the API is told, never a state machine. */
export const CALLER_ERRORS = {
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
} as const satisfies ErrorClasses;
