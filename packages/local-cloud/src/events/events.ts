import { randomUUID } from 'node:crypto';
import type { BusEntry, Clock, EventBus, Journal, JsonActions, KeptText } from '@statebag/states';
import { createEventActions } from './event-actions.ts';
import { type BusEvent, type EventFilter, openEventRecorder, type RecordedEvent } from './event-recorder.ts';
import { matchesPattern } from './pattern.ts';
import { busName, openRuleStore, type Rule, type RuleStore, type Target } from './rule-store.ts';
import { openScheduler } from './scheduler.ts';
import { inputOf } from './target-input.ts';

export interface Events extends EventBus {
  readonly actions: JsonActions;
  readonly rules: RuleStore;
  /** Puts an entry within the open group. */
  publish(entry: BusEntry): string;
  /** What went over the buses, oldest first. */
  list(filter?: EventFilter): RecordedEvent[];
  schedule(rule: Rule): void;
  start(): void;
  stop(): void;
}

export interface EventsDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  /** Hands an input to a target, durably with the open group. */
  deliver(target: Target, input: string, rule: Rule, kept: readonly KeptText[]): void;
}

/**
 * EventBridge: an event is recorded and handed to the targets of every matching rule in one write, so none is
 * lost and none is forgotten half-way.
 */
export function openEvents(deps: EventsDeps): Events {
  const { journal, clock } = deps;
  const rules = openRuleStore(journal);
  const recorder = openEventRecorder(journal, clock.now);
  const scheduler = openScheduler({ ...deps, rules, fire: (rule) => fireRule(rule, { ...deps, rules }) });
  const publish = (entry: BusEntry): string => {
    const event = eventOf(entry, deps);
    const bus = busName(entry.EventBusName);
    journal.write(() => {
      recorder.record(bus, event);
      route(bus, event, {
        rules,
        deliver: (target, input, rule) => deps.deliver(target, input, rule, entry.kept ?? []),
      });
    });
    return event.id;
  };
  const put: EventBus['put'] = async (entries) => entries.map((entry) => ({ EventId: publish(entry) }));
  return {
    ...scheduler,
    put,
    publish,
    rules,
    list: recorder.list,
    actions: createEventActions({ ...deps, put, rules, schedule: scheduler.schedule }),
  };
}

function route(
  bus: string,
  event: BusEvent,
  { rules, deliver }: { readonly rules: RuleStore; deliver(target: Target, input: string, rule: Rule): void },
): void {
  const matching = rules
    .list(bus)
    .filter((rule) => rule.enabled && rule.pattern !== undefined && matchesPattern(event, rule.pattern));
  for (const rule of matching)
    for (const target of rules.targets(rule)) deliver(target, inputOf(target, event, rule), rule);
}

function fireRule(
  rule: Rule,
  { rules, deliver, clock, account, region }: EventsDeps & { readonly rules: RuleStore },
): void {
  const resource = `arn:aws:events:${region}:${account}:rule/${rule.name}`;
  const event = eventOf(
    { Source: 'aws.events', DetailType: 'Scheduled Event', Detail: '{}', Resources: [resource] },
    { clock, account, region },
  );
  for (const target of rules.targets(rule)) deliver(target, inputOf(target, event, rule), rule, []);
}

function eventOf(
  entry: BusEntry,
  { clock, account, region }: Pick<EventsDeps, 'clock' | 'account' | 'region'>,
): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': entry.DetailType,
    source: entry.Source,
    account,
    time: new Date(entry.Time ?? clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region,
    resources: entry.Resources ?? [],
    detail: JSON.parse(entry.Detail),
  };
}
