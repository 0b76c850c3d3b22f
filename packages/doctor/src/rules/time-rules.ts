import { type Machine, resourceOf, waitsForToken } from '../definition.ts';
import { numberAt, textsIn } from '../json.ts';
import type { StaticRule } from '../rule.ts';
import { ASK, each, has, JOB, one, QUEUE } from './example-states.ts';

/** Waits, time-outs and heartbeats of a definition. */
export const TIME_RULES: readonly StaticRule[] = [
  {
    kind: 'static',
    code: 'D101',
    title: 'A token may wait for ever',
    level: 'error',
    why: 'A task that waits for its token ends only when somebody sends it back. Without TimeoutSeconds and HeartbeatSeconds that may take a year, and the execution stays open and unnoticed.',
    mend: 'Give the state HeartbeatSeconds (whoever holds the token sends SendTaskHeartbeat) and TimeoutSeconds, and a Catch for States.Timeout.',
    failing: one(ASK),
    passing: one({ ...ASK, TimeoutSeconds: 86_400, HeartbeatSeconds: 3_600 }),
    check: (machine) =>
      each(machine, (site) =>
        waitsForToken(site) && !has(site, 'TimeoutSeconds') && !has(site, 'HeartbeatSeconds')
          ? {
              state: site.name,
              message: `waits for its token without TimeoutSeconds and without HeartbeatSeconds: ${isBounded(machine) ? 'until the whole execution times out, which no Catch takes' : 'up to a year'}`,
              ...(isBounded(machine) && { level: 'warning' as const }),
              mends: [
                {
                  state: site.name,
                  why: 'an answer that never comes ends the wait by States.Timeout, which a Catch can take',
                  set: { TimeoutSeconds: 86_400, HeartbeatSeconds: 3_600 },
                },
              ],
            }
          : undefined,
      ),
  },
  {
    kind: 'static',
    code: 'D102',
    title: 'The token is not passed on',
    level: 'error',
    why: 'A task that waits for its token has to give that token to somebody. Without `$$.Task.Token` in its arguments nobody can ever answer.',
    mend: 'Pass $$.Task.Token (JSONata: $states.context.Task.Token) to what the task calls.',
    failing: one({
      ...QUEUE,
      TimeoutSeconds: 60,
      Parameters: { QueueUrl: 'https://sqs/q', 'MessageBody.$': '$' },
    }),
    passing: one({ ...ASK, TimeoutSeconds: 60 }),
    check: (machine) =>
      each(machine, (site) => {
        const given = site.state[site.language === 'JSONata' ? 'Arguments' : 'Parameters'] ?? null;
        if (!waitsForToken(site) || textsIn(given).some((text) => TOKEN.test(text))) return undefined;
        return { state: site.name, message: 'waits for a token that it gives to nobody' };
      }),
  },
  {
    kind: 'static',
    code: 'D103',
    title: 'Nobody notices that a worker has died',
    level: 'warning',
    why: 'With a time-out alone a task whose worker has died waits until the whole time-out is over. A heartbeat ends it soon after the last sign of life.',
    mend: 'Give the state HeartbeatSeconds well below TimeoutSeconds, and let the worker send SendTaskHeartbeat.',
    failing: one({ ...ASK, TimeoutSeconds: 86_400 }),
    passing: one({ ...ASK, TimeoutSeconds: 86_400, HeartbeatSeconds: 600 }),
    check: (machine) =>
      each(machine, (site) => {
        const waits = waitsForToken(site) || /:activity:/.test(resourceOf(site));
        const timeout = numberAt(site.state, 'TimeoutSeconds');
        if (!waits || has(site, 'HeartbeatSeconds') || timeout === undefined || timeout <= 600)
          return undefined;
        const HeartbeatSeconds = Math.max(60, Math.floor(timeout / 10));
        const mend = { state: site.name, why: 'a lost worker is noticed sooner', set: { HeartbeatSeconds } };
        const message = `no heartbeat in a wait of ${timeout} seconds`;
        // whoever holds a token may be a person, who sends no heartbeats
        return {
          state: site.name,
          message,
          mends: [mend],
          ...(waitsForToken(site) && { level: 'note' as const }),
        };
      }),
  },
  {
    kind: 'static',
    code: 'D104',
    title: 'The heartbeat is no shorter than the time-out',
    level: 'error',
    why: 'HeartbeatSeconds has to be below TimeoutSeconds, or the time-out always comes first.',
    mend: 'Make HeartbeatSeconds smaller than TimeoutSeconds.',
    failing: one({ ...ASK, TimeoutSeconds: 60, HeartbeatSeconds: 60 }),
    passing: one({ ...ASK, TimeoutSeconds: 60, HeartbeatSeconds: 20 }),
    check: (machine) =>
      each(machine, (site) => {
        const [heartbeat, timeout] = ['HeartbeatSeconds', 'TimeoutSeconds'].map((field) =>
          numberAt(site.state, field),
        );
        if (heartbeat === undefined || timeout === undefined || heartbeat < timeout) return undefined;
        const set = { HeartbeatSeconds: Math.max(1, Math.floor(timeout / 3)) };
        const mend = { state: site.name, why: 'three signs of life fit into the time-out', set };
        return {
          state: site.name,
          message: `HeartbeatSeconds ${heartbeat}, TimeoutSeconds ${timeout}`,
          mends: [mend],
        };
      }),
  },
  {
    kind: 'static',
    code: 'D105',
    title: 'A task has no time-out',
    level: 'warning',
    why: 'A task that waits for a job (`.sync`) or for an activity ends when these do. Where one hangs, or no worker takes it, the execution stays open for as long as Step Functions allows: a year. Calls that are answered at once, and functions, end by themselves.',
    mend: 'Give the state TimeoutSeconds, a little above the longest time that its work may take; or the machine.',
    failing: one(JOB),
    passing: one({ ...JOB, TimeoutSeconds: 3_600 }),
    check: (machine) =>
      each(machine, (site) => {
        const waits = /\.sync(?::2)?$|:activity:/.test(resourceOf(site));
        if (!waits || has(site, 'TimeoutSeconds') || isBounded(machine)) return undefined;
        const set = { TimeoutSeconds: 3_600 };
        const mend = { state: site.name, why: 'work that hangs ends by States.Timeout', set };
        return { state: site.name, message: 'waits for its work without TimeoutSeconds', mends: [mend] };
      }),
  },
];

/** Its executions end at some time, whatever their states wait for; no Catch takes that. */
function isBounded({ definition }: Machine): boolean {
  return 'TimeoutSeconds' in definition;
}

const TOKEN = /\$\$\.Task\.Token|\$states\.context\.Task\.Token/;
