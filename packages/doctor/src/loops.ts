import { AWS_LIMITS } from '@statebag/contracts/limits';
import type { Visit, Walk } from './history.ts';

/** States that an execution went through again and again, and what that did to its history. */
export interface Loop {
  readonly states: readonly string[];
  /** The Map whose items they are; undefined: a loop of the machine itself. */
  readonly map: string | undefined;
  readonly turns: number;
  readonly events: number;
  /** After so many turns the history is full, with what else is in it. */
  readonly mostTurns: number;
}

/** The loops and Maps of an execution, the one with most events first. */
export function loopsOf({ visits }: Walk, allEvents: number): readonly Loop[] {
  const groups = Map.groupBy(visits, ({ within }) => within);
  const loops = [...groups.values()].flatMap((group) => repeated(group) ?? []);
  const maps = [...Map.groupBy(visits.filter(isOfMap), ({ within }) => within?.state ?? '')].map(
    ([map, inside]) => loopOf(namesOf(inside), inside, { map, turns: mostVisits(inside) }),
  );
  return [...loops, ...maps]
    .map((loop) => ({ ...loop, mostTurns: roomFor(loop, allEvents) }))
    .sort((left, right) => right.events - left.events);
}

const isOfMap = ({ within }: Visit): boolean => within?.entered.type === 'MapStateEntered';
const namesOf = (visits: readonly Visit[]): readonly string[] => [
  ...new Set(visits.map(({ state }) => state)),
];
const countOf = (visits: readonly Visit[], name: string): number =>
  visits.filter(({ state }) => state === name).length;
const mostVisits = (visits: readonly Visit[]): number =>
  namesOf(visits).reduce((most, name) => Math.max(most, countOf(visits, name)), 0);

/**
 * In one thread of control a state that comes again is in a loop; items of a Map are threads of their own.
 */
function repeated(thread: readonly Visit[]): Omit<Loop, 'mostTurns'> | undefined {
  if (thread.some(isOfMap)) return undefined;
  const counts = namesOf(thread).map((name) => [name, countOf(thread, name)] as const);
  const turns = Math.max(...counts.map(([, count]) => count));
  if (turns < 2) return undefined;
  const names = counts.filter(([, count]) => count > turns / 2).map(([name]) => name);
  return loopOf(
    names,
    thread.filter(({ state }) => names.includes(state)),
    { map: undefined, turns },
  );
}

function loopOf(
  states: readonly string[],
  visits: readonly Visit[],
  { map, turns }: Pick<Loop, 'map' | 'turns'>,
): Omit<Loop, 'mostTurns'> {
  // An item of a Map adds two events of its own: that it begins, and that it ends.
  const around = map === undefined ? 0 : 2 * turns;
  return { states, map, turns, events: visits.reduce((sum, visit) => sum + visit.events, around) };
}

function roomFor({ turns, events }: Omit<Loop, 'mostTurns'>, allEvents: number): number {
  const others = allEvents - events;
  return Math.floor(((AWS_LIMITS.historyEvents - others) * turns) / events);
}
