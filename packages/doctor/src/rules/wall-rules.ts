import { isJsonObject } from '@statebag/contracts';
import { AWS_LIMITS } from '@statebag/contracts/limits';
import { type Site, typeOf } from '../definition.ts';
import type { Attempt, Visit } from '../history.ts';
import { bytesOf, memberPath, objectsAt, textsAt } from '../json.ts';
import { mendsOf, outputOf } from '../mends.ts';
import { readAfter } from '../reads.ts';
import type { Case, Finding, HistoryRule } from '../rule.ts';
import { ended, failing, LARGE, reviewed } from './example-executions.ts';
import { executionFailed, scheduled, succeeded } from './example-history.ts';
import { dataOf, largestOf, siteOf, sizeOf } from './recorded-data.ts';

/** What an execution carried, and what was too large. */
export const WALL_RULES: readonly HistoryRule[] = [
  {
    kind: 'history',
    code: 'D201',
    title: 'The data was too large',
    level: 'error',
    why: 'Input and output of a state, and arguments and result of a call, may take 262,144 bytes. What is larger raises States.DataLimitExceeded, which States.TaskFailed does not match. Where the result of a call is too large, a Catch for this name or for States.ALL takes it; what is too large after the state, no Catch of the state takes.',
    mend: 'Let less travel: ResultSelector, ResultPath, OutputPath, a setting of the Map, or @statebag/offload.',
    failing: reviewed({ status: 'ok', remarks: LARGE }, [executionFailed('States.DataLimitExceeded')]),
    passing: reviewed({ status: 'ok' }, ended({ text: LARGE, review: { Payload: { status: 'ok' } } })),
    check: (execution) => {
      const { end, failed: visit } = execution;
      if (!isWall(end.error) || !visit) return [];
      return [tooLarge(execution, visit)];
    },
  },
  {
    kind: 'history',
    code: 'D202',
    title: 'The data is close to the limit',
    level: 'warning',
    why: 'The limit of 262,144 bytes holds for each transition. An input that is a little larger than this one would end the execution, past most Catches.',
    mend: 'Let less travel before it is too late: the page of D201 says how.',
    failing: reviewed(
      { remarks: 'x'.repeat(60_000) },
      ended({ text: LARGE, review: { remarks: 'x'.repeat(60_000) } }),
    ),
    passing: reviewed({ status: 'ok' }, ended({ text: LARGE })),
    check: (execution) => {
      const largest = largestOf(execution.walk.visits);
      if (isWall(execution.end.error) || !largest || largest.bytes < LIMIT * NEAR) return [];
      const { visit, what, bytes } = largest;
      const site = siteOf(execution, visit.state);
      const mends =
        site && execution.machine
          ? mendsOf({
              machine: execution.machine,
              site,
              input: dataOf(visit.input),
              result: dataOf(visit.attempts.at(-1)?.result),
            })
          : [];
      return [{ state: visit.state, message: `${what}: ${shareText(bytes)}`, mends }];
    },
  },
  {
    kind: 'history',
    code: 'D210',
    title: 'Data travels that nobody reads',
    level: 'note',
    why: 'A large member goes from state to state although no state reads it any more. It is the first that should go before the limit is reached.',
    mend: 'Drop it where it comes from (ResultPath null, ResultSelector), or let a Pass state keep only what is read.',
    failing: reviewed({ status: 'ok' }, ended({ text: LARGE, review: { Payload: { status: 'ok' } } })),
    passing: failing([
      scheduled(),
      succeeded({ Payload: 1 }),
      ...ended({ review: { Payload: { status: 'ok' } } }),
    ]),
    check: (execution) => idleMembers(execution),
  },
];

const LIMIT = AWS_LIMITS.transitionBytes;

const NEAR = 0.75;

/** A tenth of the limit is worth a line. */
const WORTH_BYTES = LIMIT / 10;

const isWall = (error: string | undefined): boolean => error === 'States.DataLimitExceeded';

const shareText = (bytes: number): string =>
  `${bytes.toLocaleString('en-US')} bytes, ${Math.round((bytes / LIMIT) * 100)} % of the limit`;

/** Where in a state the data was too large, by what the history has of it. */
function tooLarge(execution: Case, visit: Visit): Finding {
  const site = siteOf(execution, visit.state);
  const { machine } = execution;
  const attempt = visit.attempts.at(-1);
  const input = dataOf(visit.input);
  const result = dataOf(attempt?.result);
  const mends =
    site && machine ? mendsOf({ machine, site, input, result, isReplyRefused: isWall(attempt?.error) }) : [];
  return {
    state: visit.state,
    message: `${whereText(execution, visit, site)}. ${catchText(site, attempt)}`,
    mends,
  };
}

function whereText({ walk }: Case, visit: Visit, site: Site | undefined): string {
  const attempt = visit.attempts.at(-1);
  const input = sizeOf(visit.input);
  const before = input === undefined ? '' : ` Its input took ${shareText(input)}.`;
  if (isWall(attempt?.error)) {
    const cut =
      'the reply of its call was too large; Step Functions does not record such a reply, only that it was over 262,144 bytes';
    return `${cut}.${before}`.replace(/\.$/, '');
  }
  const inside = walk.visits.filter(({ within }) => within === visit);
  if (inside.length > 0) return `${gathered(inside)}.${before}`.replace(/\.$/, '');
  const result = sizeOf(attempt?.result);
  if (attempt && result !== undefined) {
    const whole = wholeOutput(visit, site);
    const made = whole === undefined ? 'together more than 262,144 bytes' : `together ${shareText(whole)}`;
    return `its call succeeded with ${result.toLocaleString('en-US')} bytes, and what it would hand on was too large: ${made}.${before}`.replace(
      /\.$/,
      '',
    );
  }
  return `the arguments or the output that it built were over 262,144 bytes.${before}`.replace(/\.$/, '');
}

function gathered(inside: readonly Visit[]): string {
  const last = new Map(inside.map((visit) => [visit.entered.id, visit] as const));
  const ends = [...last.values()].filter(({ exited: end }) => end !== undefined);
  const bytes = ends.reduce((sum, { output }) => sum + (sizeOf(output) ?? 0), 0);
  return `the results of its items or branches, gathered into one list, were too large (states inside of it handed on ${bytes.toLocaleString('en-US')} bytes in ${ends.length} outputs)`;
}

function wholeOutput(visit: Visit, site: Site | undefined): number | undefined {
  const input = dataOf(visit.input);
  const result = dataOf(visit.attempts.at(-1)?.result);
  if (!site || input === undefined || result === undefined) return undefined;
  const output = outputOf(site, input, result);
  return output === undefined ? undefined : bytesOf(output);
}

function catchText(site: Site | undefined, attempt: Attempt | undefined): string {
  const caught = site && objectsAt(site.state, 'Catch').flatMap((catcher) => textsAt(catcher, 'ErrorEquals'));
  if (!isWall(attempt?.error))
    return 'No Catch takes this: the state was already done when its output was refused';
  const there =
    caught && caught.length > 0 ? `its Catch for ${caught.join(', ')} does not match it` : 'it has no Catch';
  return `Only a Catch for States.DataLimitExceeded or States.ALL takes this (States.TaskFailed does not); ${there}`;
}

function idleMembers(execution: Case): readonly Finding[] {
  const { machine, walk } = execution;
  const largest = largestOf(walk.visits.filter(({ within }) => within === undefined));
  const site = largest && siteOf(execution, largest.visit.state);
  const output = largest && dataOf(largest.visit.output);
  if (!machine || !site || !isJsonObject(output) || typeOf(site) === 'Fail' || site.state['End'] === true)
    return [];
  const reads = readAfter(machine, site);
  if (reads.some((steps) => steps.length === 0)) return [];
  const idle = Object.entries(output)
    .filter(([name, value]) => !reads.some(([member]) => member === name) && bytesOf(value) >= WORTH_BYTES)
    .map(([name, value]) => `${memberPath('$', name)} (${bytesOf(value).toLocaleString('en-US')} bytes)`);
  return idle.length === 0
    ? []
    : [{ state: site.name, message: `no state after it reads ${idle.join(', ')}` }];
}
