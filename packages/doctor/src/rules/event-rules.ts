import { AWS_LIMITS } from '@statebag/contracts/limits';
import { circlesOf, eventsOf, isDistributed, type Site, typeOf } from '../definition.ts';
import type { StaticRule } from '../rule.ts';
import { CALL, each, ITEM, one } from './example-states.ts';

/** How many events a definition makes. */
export const EVENT_RULES: readonly StaticRule[] = [
  {
    kind: 'static',
    code: 'D114',
    title: 'A loop is bounded only by the limit of events',
    level: 'note',
    why: 'A Standard execution ends with its 25,000th event. Each turn of a loop adds events, so so many turns and no more are possible.',
    mend: 'Count turns and leave the loop in time, or go on in a new execution (states:startExecution) after some of them.',
    failing: {
      definition: {
        StartAt: 'Ask',
        States: {
          Ask: { ...CALL, TimeoutSeconds: 60, Next: 'Done?' },
          'Done?': {
            Type: 'Choice',
            Choices: [{ Variable: '$.done', BooleanEquals: true, Next: 'End' }],
            Default: 'Rest',
          },
          Rest: { Type: 'Wait', Seconds: 30, Next: 'Ask' },
          End: { Type: 'Succeed' },
        },
      },
    },
    passing: one({ ...CALL, TimeoutSeconds: 60 }),
    check: (machine) =>
      circlesOf(machine).map((circle) => {
        const events = circle.reduce((sum, site) => sum + eventsOf(site), 0);
        const turns = Math.floor(AWS_LIMITS.historyEvents / events);
        const names = circle.map(({ name }) => name).join(' → ');
        const message = `${names} → ${circle[0]?.name ?? ''}: at least ${events} events a turn, so at most ${turns} turns`;
        return { ...(circle[0] && { state: circle[0].name }), message };
      }),
  },
  {
    kind: 'static',
    code: 'D116',
    title: 'The items of a Map share the limit of events',
    level: 'note',
    why: 'An inline Map writes the events of all its items into the history of the one execution, which ends with its 25,000th event.',
    mend: 'Use a distributed Map where the list may grow: each item then has a history of its own.',
    failing: one({ Type: 'Map', ItemsPath: '$.items', ItemProcessor: ITEM, ResultPath: null }),
    passing: one({
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: { ...ITEM, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      ResultPath: null,
    }),
    check: (machine) =>
      each(machine, (site) => {
        if (typeOf(site) !== 'Map' || isDistributed(site)) return undefined;
        const events = [...machine.sites.values()]
          .filter((inner) => isInside(inner, site))
          .reduce((sum, inner) => sum + eventsOf(inner), 2);
        const most = Math.floor(AWS_LIMITS.historyEvents / events);
        return {
          state: site.name,
          message: `up to ${events} events an item: a list of more than ${most} does not fit`,
        };
      }),
  },
];

function isInside(site: Site, outer: Site): boolean {
  for (let at = site.within; at; at = at.within) if (at.name === outer.name) return true;
  return false;
}
