import { AWS_LIMITS } from '@statebag/contracts/limits';
import type { Diagnosis } from './diagnose.ts';

/** An execution that was looked at, for the comparison of many. */
export interface Measured {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly bytes: number | undefined;
  readonly largestState: string | undefined;
  readonly events: number;
}

export function measure(name: string, startedAt: number, diagnosis: Diagnosis): Measured {
  const { status, error, largest, events } = diagnosis;
  // What died at the limit has reached it, whatever the history shows.
  const bytes = error === 'States.DataLimitExceeded' ? AWS_LIMITS.transitionBytes : largest?.bytes;
  return { name, startedAt, status, error, bytes, largestState: largest?.state ?? diagnosis.diedIn, events };
}

/** How close a machine has come to a limit, and where that leads. */
export interface Closeness {
  readonly limit: 'bytes' | 'events';
  readonly most: number;
  readonly of: number;
  readonly share: number;
  /** The execution that came closest. */
  readonly execution: string;
  readonly state: string | undefined;
  /** Growth a day, from the straight line through all executions; undefined with too few of them. */
  readonly perDay: number | undefined;
  /** Days until that line meets the limit; undefined where it does not rise. */
  readonly daysLeft: number | undefined;
}

export interface MachineTrend {
  readonly machine: string;
  readonly executions: number;
  readonly failed: number;
  readonly closeness: readonly Closeness[];
}

const DAY = 86_400_000;

/** The machines, the one that is closest to any limit first. */
export function rank(machines: ReadonlyMap<string, readonly Measured[]>): readonly MachineTrend[] {
  const trends = [...machines].map(([machine, all]) => ({
    machine,
    executions: all.length,
    failed: all.filter(({ status }) => status === 'FAILED' || status === 'TIMED_OUT').length,
    closeness: [
      ...closeness('bytes', AWS_LIMITS.transitionBytes, all, ({ bytes }) => bytes),
      ...closeness('events', AWS_LIMITS.historyEvents, all, ({ events }) => events),
    ].sort((left, right) => right.share - left.share),
  }));
  const top = ({ closeness: [first] }: MachineTrend) => first?.share ?? 0;
  return trends.sort((left, right) => top(right) - top(left) || (left.machine < right.machine ? -1 : 1));
}

function closeness(
  limit: Closeness['limit'],
  of: number,
  all: readonly Measured[],
  figure: (each: Measured) => number | undefined,
): readonly Closeness[] {
  const points = all.flatMap((each) => {
    const value = figure(each);
    return value === undefined ? [] : [{ each, at: each.startedAt / DAY, value }];
  });
  const [first, ...others] = points;
  if (!first) return [];
  const closest = others.reduce((found, point) => (point.value > found.value ? point : found), first);
  const line = lineThrough(points);
  const newest = points.reduce((latest, { at }) => Math.max(latest, at), first.at);
  const daysLeft = line && line.slope > 0 ? Math.max(0, (of - line.at(newest)) / line.slope) : undefined;
  return [
    {
      limit,
      most: closest.value,
      of,
      share: closest.value / of,
      execution: closest.each.name,
      state: limit === 'bytes' ? closest.each.largestState : undefined,
      perDay: line?.slope,
      daysLeft,
    },
  ];
}

/** Fewer say nothing of a direction. */
const FEWEST_POINTS = 3;

/** The straight line with the least squares; undefined with too few points, or all at one time. */
function lineThrough(points: readonly { at: number; value: number }[]) {
  if (points.length < FEWEST_POINTS) return undefined;
  const mean = (pick: (point: { at: number; value: number }) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [meanAt, meanValue] = [mean(({ at }) => at), mean(({ value }) => value)];
  const spread = mean(({ at }) => (at - meanAt) ** 2);
  if (spread === 0) return undefined;
  const slope = mean(({ at, value }) => (at - meanAt) * (value - meanValue)) / spread;
  return { slope, at: (day: number) => meanValue + slope * (day - meanAt) };
}
