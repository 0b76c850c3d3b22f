import { AWS_LIMITS } from '@statebag/contracts/limits';
import { limitsOf, type Visit } from '../history.ts';
import { textAt } from '../json.ts';
import { loopsOf } from '../loops.ts';
import type { Case, Finding, HistoryRule } from '../rule.ts';
import { ended, failing, longStory, SHORT } from './example-executions.ts';
import { executionFailed, scheduled, succeeded } from './example-history.ts';

const MOST_EVENTS = AWS_LIMITS.historyEvents;

/** How long an execution took, in events and in time. */
export const COURSE_RULES: readonly HistoryRule[] = [
  {
    kind: 'history',
    code: 'D203',
    title: 'The history is full, or will be',
    level: 'warning',
    why: 'A Standard execution ends with its 25,000th event, and no Catch takes that.',
    mend: 'Go on in a new execution before that, or let a distributed Map do the turns: its items have histories of their own.',
    failing: { events: longStory(MOST_EVENTS - 1).events },
    passing: SHORT,
    check: ({ events, walk }) => {
      const share = events.length / MOST_EVENTS;
      if (share < 0.6) return [];
      const [loop] = loopsOf(walk, events.length);
      const turns =
        loop &&
        `; ${loop.map === undefined ? loop.states.join(' → ') : `the items of ${loop.map}`}: ${loop.turns} turns made ${loop.events} of them, room is for ${loop.mostTurns}`;
      const state = loop?.map ?? loop?.states[0];
      const level = events.length >= MOST_EVENTS ? ('error' as const) : undefined;
      return [
        {
          message: `${events.length.toLocaleString('en-US')} of 25,000 events${turns ?? ''}`,
          ...(state !== undefined && { state }),
          ...(level && { level }),
        },
      ];
    },
  },
  {
    kind: 'history',
    code: 'D205',
    title: 'Nobody answered the token',
    level: 'error',
    why: 'The task gave its token away and no answer came: the message was lost, its reader failed or forgot it, or it is still at work.',
    mend: 'Look at the reader of the message. A heartbeat ends such a wait soon; a dead-letter queue shows messages that nobody could read.',
    failing: failing([
      scheduled({}, { resource: 'sendMessage.waitForTaskToken' }),
      ['TaskSubmitted'],
      ['TaskTimedOut', { error: 'States.Timeout' }],
      executionFailed('States.Timeout'),
    ]),
    passing: failing([
      scheduled({}, { resource: 'sendMessage.waitForTaskToken' }),
      ['TaskSubmitted'],
      succeeded(1),
      ...ended(),
    ]),
    check: (execution) => execution.walk.visits.flatMap((visit) => unanswered(execution, visit)),
  },
  {
    kind: 'history',
    code: 'D207',
    title: 'Time ran out',
    level: 'error',
    why: 'A state, or the whole execution, took longer than its time-out or heartbeat allowed.',
    mend: 'Make the time-out longer where the work needs it, or look at why it hangs.',
    failing: failing([
      scheduled({}, { timeoutInSeconds: 3 }),
      ['TaskTimedOut', { error: 'States.Timeout' }],
      executionFailed('States.Timeout'),
    ]),
    passing: SHORT,
    check: (execution) => timedOut(execution),
  },
];

function unanswered({ end, now, events }: Case, { state, attempts }: Visit): readonly Finding[] {
  return attempts.flatMap((attempt) => {
    const { submittedAt, scheduled: call } = attempt;
    const waits = (textAt(call.details, 'resource') ?? '').endsWith('.waitForTaskToken');
    if (!waits || submittedAt === undefined) return [];
    if (attempt.end?.type === 'TaskTimedOut')
      return [{ state, message: `no answer within ${spanText(attempt.end.at - submittedAt)}` }];
    if (attempt.end) return [];
    const until = end.status === 'RUNNING' ? now : (events.at(-1)?.at ?? now);
    const { timeout, heartbeat } = limitsOf(attempt);
    const bound = timeout ?? heartbeat;
    const more = bound === undefined ? 'and nothing ends this wait' : `${bound} seconds are allowed`;
    return [
      {
        state,
        message: `has waited for an answer for ${spanText(until - submittedAt)}, ${more}`,
        ...(end.status === 'RUNNING' && bound !== undefined && { level: 'note' as const }),
      },
    ];
  });
}

function timedOut({ end, walk: { visits }, events }: Case): readonly Finding[] {
  if (end.status === 'TIMED_OUT') {
    const open = visits.filter(({ exited: left }) => left === undefined).at(-1);
    const whole = (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0);
    const at = open
      ? `; it was in ${open.state} for ${spanText((events.at(-1)?.at ?? 0) - open.entered.at)}`
      : '';
    return [
      {
        ...(open && { state: open.state }),
        message: `the execution took its whole time-out, ${spanText(whole)}${at}`,
      },
    ];
  }
  return visits.flatMap(({ state, attempts }) =>
    attempts.flatMap((attempt) => {
      if (!attempt.end?.type.endsWith('TimedOut')) return [];
      const { timeout, heartbeat } = limitsOf(attempt);
      const took = spanText(attempt.end.at - attempt.scheduled.at);
      const beats = heartbeat === undefined ? '' : `, HeartbeatSeconds ${heartbeat}`;
      return [{ state, message: `ended after ${took} (TimeoutSeconds ${timeout ?? 'not set'}${beats})` }];
    }),
  );
}

/** Milliseconds as `45 s`, `12 min`, `5 h` or `3 days`. */
function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
