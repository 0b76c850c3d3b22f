import { isJsonObject } from '@statebag/contracts';
import type { Visit } from '../history.ts';
import { objectsAt, textAt, textsAt } from '../json.ts';
import type { Case, Finding, HistoryRule } from '../rule.ts';
import { ended, failing, SHORT } from './example-executions.ts';
import { executionFailed, failed, scheduled, succeeded } from './example-history.ts';
import { SAME_EACH_TIME } from './handler-rules.ts';
import { dataOf, siteOf } from './recorded-data.ts';

/** Why an execution failed, when it was not for its size. */
export const FAILURE_RULES: readonly HistoryRule[] = [
  {
    kind: 'history',
    code: 'D204',
    title: 'The retries could not help',
    level: 'warning',
    why: 'Every try ended with the same error and the same cause. Nothing changes between two tries, so they only delayed the end.',
    mend: 'Retry by name only errors that pass by themselves, and let Catch take this one.',
    failing: failing([
      scheduled(),
      failed('ValidationError', 'no order id'),
      scheduled(),
      failed('ValidationError', 'no order id'),
      executionFailed('ValidationError', 'no order id'),
    ]),
    passing: failing([
      scheduled(),
      failed('Lambda.ServiceException'),
      scheduled(),
      succeeded({ Payload: 1 }),
      ...ended(),
    ]),
    check: ({ walk: { visits } }) => visits.flatMap(inVain),
  },
  {
    kind: 'history',
    code: 'D206',
    title: 'A Catch could have taken the error',
    level: 'warning',
    why: 'The execution failed with an error that a Catch of the state, or of the Map or Parallel around it, can take.',
    mend: 'Add a Catch that leads to a state which reports or corrects what happened.',
    failing: failing([scheduled(), failed('OutOfStock'), executionFailed('OutOfStock')]),
    passing: failing([scheduled(), failed('OutOfStock'), ...ended()]),
    check: (execution) => uncaught(execution),
  },
  {
    kind: 'history',
    code: 'D208',
    title: 'A path led nowhere',
    level: 'error',
    why: 'A state read a member that its input does not have. That is States.Runtime or States.ParameterPathFailure: the state before replied something else, or a Catch replaced the data by the error.',
    mend: 'Make sure that every way to the state brings the member; let each Catch keep the data with a ResultPath.',
    failing: failing([
      executionFailed(
        'States.Runtime',
        "The JSONPath '$.order.id' specified for the field 'id.$' could not be found in the input '{}'",
      ),
    ]),
    passing: SHORT,
    check: (execution) => missingPath(execution),
  },
  {
    kind: 'history',
    code: 'D209',
    title: 'A right is missing',
    level: 'error',
    why: 'The role of the machine may not do what a state does, or the role of a function may not. No retry changes that.',
    mend: 'Add the action to the role that the cause names.',
    failing: failing([
      scheduled(),
      failed(
        'Lambda.AWSLambdaException',
        'User: arn:aws:sts::1:assumed-role/r is not authorized to perform: lambda:InvokeFunction on resource: read',
      ),
      executionFailed('Lambda.AWSLambdaException'),
    ]),
    passing: SHORT,
    check: ({ walk: { visits } }) => visits.flatMap(refusedCalls),
  },
  {
    kind: 'history',
    code: 'D211',
    title: 'Another execution failed first',
    level: 'note',
    why: 'The state only reports that an execution which it started, or a run of a distributed Map, has failed. The reason stands in the history of that one.',
    mend: 'Look at the other execution with this command.',
    failing: failing([
      scheduled({}, { resource: 'startExecution.sync:2' }),
      failed(
        'States.TaskFailed',
        '{"ExecutionArn":"arn:aws:states:eu-west-1:111111111111:execution:child:c1","Status":"FAILED"}',
      ),
      executionFailed('States.TaskFailed'),
    ]),
    passing: SHORT,
    check: ({ walk: { visits }, events }) => [...visits.flatMap(childFailures), ...events.flatMap(mapRunOf)],
  },
  {
    kind: 'history',
    code: 'D212',
    title: 'A function died',
    level: 'error',
    why: 'Lambda ended the function: it took longer than its own time-out, or more memory than it has. Its code could not report anything.',
    mend: 'Raise time-out or memory of the function; a retry alone meets the same end.',
    failing: failing([
      scheduled(),
      failed('Sandbox.Timedout', 'RequestId: 1 Error: Task timed out after 3.00 seconds'),
      executionFailed('Sandbox.Timedout'),
    ]),
    passing: SHORT,
    check: ({ walk: { visits } }) => visits.flatMap(deadFunctions),
  },
];

function inVain({ state, attempts }: Visit): readonly Finding[] {
  const [first] = attempts;
  const same = attempts.every(
    ({ error, cause }) =>
      error !== undefined && error === first?.error && reason(cause) === reason(first.cause),
  );
  if (attempts.length < 2 || !same || first?.error === undefined) return [];
  const known = SAME_EACH_TIME.has(first.error) ? ' (this error comes again each time)' : '';
  return [{ state, message: `${attempts.length} tries, all with ${first.error}${known}` }];
}

/** A cause without what differs from call to call. */
const reason = (cause: string | undefined): string =>
  (cause ?? '')
    .replace(/"(requestId|trace|stackTrace)":("[^"]*"|\[[^\]]*\])/g, '')
    .replace(/RequestId: \S+/g, '');

const CANNOT_BE_CAUGHT: ReadonlySet<string> = new Set(['States.DataLimitExceeded', 'States.Runtime']);

function uncaught(execution: Case): readonly Finding[] {
  const { end, failed: visit } = execution;
  const { error } = end;
  const last = visit?.attempts.at(-1);
  if (end.status !== 'FAILED' || error === undefined || CANNOT_BE_CAUGHT.has(error) || !visit || !last?.error)
    return [];
  const site = siteOf(execution, visit.state);
  const catchers = site ? objectsAt(site.state, 'Catch') : [];
  const set = {
    Catch: [
      ...catchers,
      { ErrorEquals: [error], ResultPath: '$.error', Next: '…a state that takes care of it…' },
    ],
  };
  const query = {
    Catch: [
      ...catchers,
      {
        ErrorEquals: [error],
        Output: "{% $merge([$states.input, {'error': $states.errorOutput}]) %}",
        Next: '…a state that takes care of it…',
      },
    ],
  };
  const names = catchers.flatMap((catcher) => textsAt(catcher, 'ErrorEquals'));
  const there = site
    ? names.length > 0
      ? `its Catch takes only ${names.join(', ')}`
      : 'it has no Catch'
    : 'whether it has a Catch cannot be known without the definition';
  const mend = {
    state: visit.state,
    why: 'the execution goes on with the error beside its data',
    set: site?.language === 'JSONata' ? query : set,
  };
  return [
    { state: visit.state, message: `${error} ended the execution; ${there}`, ...(site && { mends: [mend] }) },
  ];
}

function missingPath(execution: Case): readonly Finding[] {
  const { end, failed: visit, walk } = execution;
  const [, path] = /'(\$[^']*)'.*could not be found/.exec(end.cause ?? '') ?? [];
  if (path === undefined || !visit) return [];
  const before = walk.ownerOf.get(visit.entered.previous);
  const caught = before?.attempts.at(-1)?.error;
  const why =
    caught === undefined ? '' : `: ${before?.state} ended with ${caught}, and its Catch handed on the error`;
  const members = dataOf(visit.input);
  const there = isJsonObject(members)
    ? `; its input has ${Object.keys(members).slice(0, 10).join(', ') || 'no member'}`
    : '';
  return [{ state: visit.state, message: `${path} is not in its input${why}${there}. No Catch takes this` }];
}

const REFUSED = /not authorized to perform:? ([\w:*]+)(?:.*?on resource:? (\S+))?/;

function refusedCalls({ state, attempts }: Visit): readonly Finding[] {
  const { error, cause = '' } = attempts.at(-1) ?? {};
  if (error === undefined || !/AccessDenied|not authorized|States\.Permissions/.test(`${error} ${cause}`))
    return [];
  const [, action = 'an action', on = ''] = REFUSED.exec(cause) ?? [];
  return [{ state, message: `${action} ${on && `on ${on} `}is refused`.replace('  ', ' ') }];
}

function childFailures({ state, attempts }: Visit): readonly Finding[] {
  const { error, cause = '' } = attempts.at(-1) ?? {};
  const [arn] = /arn:aws[\w-]*:states:[\w-]+:\d{12}:execution:[^"\\\s]+/.exec(cause) ?? [];
  if (error === undefined || arn === undefined) return [];
  return [{ state, message: `the execution that it started has failed; see statebag doctor ${arn}` }];
}

function mapRunOf({ type, details }: Case['events'][number]): readonly Finding[] {
  if (type !== 'MapRunFailed') return [];
  return [
    {
      message: `the run of a distributed Map has failed: ${textAt(details, 'error') ?? 'no error is named'}; its items are executions of their own`,
    },
  ];
}

const DIED =
  /^(Sandbox\.Timedout|Runtime\.(ExitError|OutOfMemory)|Lambda\.(Unknown|OutOfMemory|Timedout))$|Task timed out after/;

function deadFunctions({ state, attempts }: Visit): readonly Finding[] {
  const { error, cause = '' } = attempts.at(-1) ?? {};
  if (error === undefined || !(DIED.test(error) || DIED.test(cause))) return [];
  return [{ state, message: `${error}: ${cause.slice(0, 200)}` }];
}
