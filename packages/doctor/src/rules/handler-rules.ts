import type { Json, JsonObject } from '@statebag/contracts';
import { isLambda, type Machine, type Site, typeOf } from '../definition.ts';
import { objectsAt, textAt, textsAt } from '../json.ts';
import { readAfter } from '../reads.ts';
import type { Finding, StaticRule } from '../rule.ts';
import { CALL, each, FAST_RETRY, LAMBDA, one, two } from './example-states.ts';

/** Retry, Catch and Choice of a definition. */
export const HANDLER_RULES: readonly StaticRule[] = [
  {
    kind: 'static',
    code: 'D106',
    title: 'A retry cannot help',
    level: 'warning',
    why: 'Some errors come again each time, because nothing changes between two tries: data over the limit, a path that leads nowhere, a missing right. A retry of them only delays the end and is paid for.',
    mend: 'Take these names out of Retry. Put them into a Catch, if something can be done about them.',
    failing: one({ ...CALL, TimeoutSeconds: 60, Retry: [{ ErrorEquals: ['States.DataLimitExceeded'] }] }),
    passing: one({ ...CALL, TimeoutSeconds: 60, Retry: [FAST_RETRY] }),
    check: (machine) =>
      each(machine, (site) => {
        const names = objectsAt(site.state, 'Retry')
          .filter((retrier) => retrier['MaxAttempts'] !== 0)
          .flatMap((retrier) => textsAt(retrier, 'ErrorEquals'))
          .filter((name) => SAME_EACH_TIME.has(name));
        if (names.length === 0) return undefined;
        return { state: site.name, message: `tries ${names.join(', ')} again, which comes again each time` };
      }),
  },
  {
    kind: 'static',
    code: 'D107',
    title: 'A retrier or catcher is never reached',
    level: 'warning',
    why: 'Step Functions takes the first entry that matches. A name behind States.TaskFailed or States.ALL, which matches it already, has no effect.',
    mend: 'Move the entry with the exact name to the front.',
    failing: one({
      ...CALL,
      TimeoutSeconds: 60,
      Retry: [{ ErrorEquals: ['States.TaskFailed'] }, FAST_RETRY],
    }),
    passing: one({
      ...CALL,
      TimeoutSeconds: 60,
      Retry: [FAST_RETRY, { ErrorEquals: ['States.TaskFailed'] }],
    }),
    check: (machine) =>
      [...machine.sites.values()].flatMap((site) =>
        ['Retry', 'Catch'].flatMap((field) => shadowed(site, field)),
      ),
  },
  {
    kind: 'static',
    code: 'D108',
    title: 'A function is not called again after an error of Lambda itself',
    level: 'note',
    why: 'Lambda answers now and then with an error of its own, which is gone a second later. Without a retry such a moment ends the execution.',
    mend: 'Add a retrier for Lambda.ServiceException, Lambda.AWSLambdaException, Lambda.SdkClientException and Lambda.TooManyRequestsException.',
    failing: one({ ...CALL, TimeoutSeconds: 60 }),
    passing: one({ ...CALL, TimeoutSeconds: 60, Retry: [FAST_RETRY] }),
    check: (machine) =>
      each(machine, (site) => {
        const retriers = objectsAt(site.state, 'Retry');
        const names = retriers.flatMap((retrier) => textsAt(retrier, 'ErrorEquals'));
        const covered = ['Lambda.ServiceException', 'States.TaskFailed', 'States.ALL'].some((name) =>
          names.includes(name),
        );
        if (!isLambda(site) || covered) return undefined;
        const set = { Retry: [FAST_RETRY, ...retriers] };
        const mend = { state: site.name, why: 'a short failure of Lambda is got over', set };
        return { state: site.name, message: 'no Retry for errors of Lambda itself', mends: [mend] };
      }),
  },
  {
    kind: 'static',
    code: 'D109',
    title: 'A Catch throws the data away',
    level: 'warning',
    why: 'A catcher without ResultPath hands on the error alone: everything that the execution knew is gone, and the state it leads to fails on the first path it reads.',
    mend: 'Give the catcher ResultPath, for example $.error (JSONata: an Output that merges $states.input).',
    failing: two(
      { ...CALL, TimeoutSeconds: 60, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Then' }] },
      { ...LAMBDA, TimeoutSeconds: 60, Parameters: { FunctionName: 'tell', 'Payload.$': '$.order' } },
    ),
    passing: two(
      {
        ...CALL,
        TimeoutSeconds: 60,
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Then' }],
      },
      { ...LAMBDA, TimeoutSeconds: 60, Parameters: { FunctionName: 'tell', 'Payload.$': '$.order' } },
    ),
    check: (machine) => each(machine, (site) => forgetfulCatch(machine, site)),
  },
  {
    kind: 'static',
    code: 'D115',
    title: 'A Choice has no Default',
    level: 'warning',
    why: 'Where no rule matches, the execution ends with States.NoChoiceMatched. A Choice has no Catch.',
    mend: 'Add a Default that leads to a state which says what came.',
    failing: one({ Type: 'Choice', Choices: [{ Variable: '$.kind', StringEquals: 'a', Next: 'Work' }] }),
    passing: one({
      Type: 'Choice',
      Default: 'Work',
      Choices: [{ Variable: '$.kind', StringEquals: 'a', Next: 'Work' }],
    }),
    check: (machine) =>
      each(machine, (site) =>
        typeOf(site) === 'Choice' && !('Default' in site.state)
          ? {
              state: site.name,
              message: 'no Default: what no rule matches ends the execution, past every Catch',
            }
          : undefined,
      ),
  },
];

/** Errors that come again each time, because nothing that a retry changes has caused them. */
export const SAME_EACH_TIME: ReadonlySet<string> = new Set([
  'States.DataLimitExceeded',
  'States.Runtime',
  'States.NoChoiceMatched',
  'States.ParameterPathFailure',
  'States.ResultPathMatchFailure',
  'States.IntrinsicFailure',
  'States.QueryEvaluationError',
  'States.Permissions',
]);

function shadowed(site: Site, field: string): readonly Finding[] {
  const entries = objectsAt(site.state, field).map((entry) => textsAt(entry, 'ErrorEquals'));
  const isOfTask = (name: string) =>
    name !== 'States.ALL' && name !== 'States.Timeout' && !name.startsWith('States.');
  return entries.flatMap((names, index) => {
    const before = entries.slice(0, index).flat();
    const hidden = names.filter(
      (name) =>
        before.includes('States.ALL') ||
        before.includes(name) ||
        (before.includes('States.TaskFailed') && isOfTask(name)),
    );
    if (hidden.length === 0) return [];
    return [
      {
        state: site.name,
        message: `${field}[${index}] is never reached for ${hidden.join(', ')}: an entry before it takes them`,
      },
    ];
  });
}

function forgetfulCatch(machine: Machine, site: Site): Finding | undefined {
  const catchers = objectsAt(site.state, 'Catch');
  const forgets = catchers.findIndex((catcher) => {
    const field = site.language === 'JSONata' ? 'Output' : 'ResultPath';
    return !(field in catcher) && readsAtOnce(machine, textAt(catcher, 'Next'));
  });
  const found = catchers[forgets];
  if (!found) return undefined;
  const keep: JsonObject =
    site.language === 'JSONata'
      ? { Output: "{% $merge([$states.input, {'error': $states.errorOutput}]) %}" }
      : { ResultPath: '$.error' };
  const set: { Catch: Json } = {
    Catch: catchers.map((catcher) => (catcher === found ? { ...found, ...keep } : catcher)),
  };
  return {
    state: site.name,
    message: `Catch[${forgets}] hands only the error to ${textAt(found, 'Next') ?? ''}, which reads more than that`,
    mends: [{ state: site.name, why: 'the data stays, and the error stands beside it', set }],
  };
}

/** Whether a state, or one after it, reads members that an error does not have. */
function readsAtOnce(machine: Machine, name = ''): boolean {
  const site = machine.sites.get(name);
  if (!site) return false;
  const before: Site = { ...site, name: '', state: { Type: 'Pass', Next: name } };
  return readAfter(machine, before).some(
    ([member]) => member !== undefined && !/^(Error|Cause)$/.test(member),
  );
}
