import { ApiError, type Clock, type Journal } from '@statebag/states';
import type { Rule, RuleStore } from './rule-store.ts';

export interface Scheduler {
  /**
   * Stores a rule and, if it has a schedule, when it comes next. A rule whose schedule did not change keeps
   * its time.
   */
  schedule(rule: Rule): void;
  start(): void;
  stop(): void;
}

const UNITS_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Fires `rate(…)` rules. The next time is journaled together with the firing; times that passed while the
 * process was down fire once.
 */
export function openScheduler({
  journal,
  clock,
  rules,
  fire,
}: {
  journal: Journal;
  clock: Clock;
  rules: RuleStore;
  fire: (rule: Rule) => void;
}): Scheduler {
  let running = false;
  let cancel: (() => void) | undefined;
  const arm = (): void => {
    cancel?.();
    const next = running ? rules.scheduled()[0] : undefined;
    cancel = next && clock.at(next.nextAt, fireDue, { recurring: true });
  };
  const fireDue = (): void => {
    const now = clock.now();
    for (const { nextAt, ...rule } of rules.scheduled()) {
      if (nextAt > now) break;
      journal.write(() => {
        if (rule.enabled) fire(rule);
        rules.reschedule(rule, nextTime(nextAt, periodOf(rule.schedule ?? ''), now));
      });
    }
    arm();
  };
  return {
    schedule: (rule) => {
      const known = rules.scheduled().find(({ bus, name }) => bus === rule.bus && name === rule.name);
      const unchanged = known !== undefined && known.schedule === rule.schedule;
      const nextAt =
        rule.schedule === undefined
          ? undefined
          : unchanged
            ? known.nextAt
            : clock.now() + periodOf(rule.schedule);
      rules.put(rule, nextAt);
      arm();
    },
    start: () => {
      running = true;
      arm();
    },
    stop: () => {
      running = false;
      cancel?.();
    },
  };
}

/** Milliseconds of a `rate(…)` expression. */
export function periodOf(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression.trim()) ?? [];
  const period = Number(count) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
  if (!(period > 0))
    throw new ApiError(
      'ValidationException',
      `Parameter ScheduleExpression is not valid: the local cloud understands rate(…) schedules, not ${expression}`,
    );
  return period;
}

function nextTime(due: number, period: number, now: number): number {
  return due + period * Math.max(1, Math.ceil((now - due + 1) / period));
}
