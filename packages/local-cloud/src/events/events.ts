import { randomUUID } from 'node:crypto';
import type { BusEntry, Clock, EventBus, Journal, JsonActions } from '../ports.ts';
import { prepare } from '../rows.ts';
import { createEventActions } from './event-actions.ts';
import { matchesPattern } from './pattern.ts';
import { openRuleStore, type Rule, type RuleStore, type Target } from './rule-store.ts';
import { openScheduler } from './scheduler.ts';
import { inputOf } from './target-input.ts';

/** An event as EventBridge hands it to its targets. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface EventFilter {
  readonly source?: string;
  readonly detailType?: string;
  /** Events recorded after this position. */
  readonly after?: number;
}

export interface RecordedEvent {
  readonly position: number;
  readonly bus: string;
  readonly event: BusEvent;
}

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
  deliver(target: Target, input: string): void;
}

const RETENTION_MS = 14 * 24 * 3_600_000;
const SCHEMA = `CREATE TABLE IF NOT EXISTS bus_event (position INTEGER PRIMARY KEY, bus TEXT NOT NULL, source TEXT NOT NULL, detail_type TEXT NOT NULL, put_at INTEGER NOT NULL, event TEXT NOT NULL)`;

/** EventBridge: an event is recorded and handed to the targets of every matching rule in one write, so none is lost and none is forgotten half-way. */
export function openEvents(deps: EventsDeps): Events {
  const { journal, clock } = deps;
  journal.write(() => journal.db.exec(SCHEMA));
  const rules = openRuleStore(journal);
  const record = prepare(journal.db, 'INSERT INTO bus_event (bus, source, detail_type, put_at, event) VALUES (?, ?, ?, ?, ?)');
  const forget = prepare(journal.db, 'DELETE FROM bus_event WHERE put_at < ?');
  const page = prepare<{ position: number; bus: string; event: string }>(
    journal.db,
    `SELECT position, bus, event FROM bus_event WHERE position > ? AND (? = '' OR source = ?) AND (? = '' OR detail_type = ?) ORDER BY position`,
  );
  journal.write(() => void forget.run(clock.now() - RETENTION_MS));
  const route = (bus: string, event: BusEvent): void => {
    const matching = rules.list(bus).filter((rule) => rule.enabled && rule.pattern !== undefined && matchesPattern(event, rule.pattern));
    for (const rule of matching) for (const target of rules.targets(rule)) deps.deliver(target, inputOf(target, event, rule));
  };
  const publish = (entry: BusEntry): string => {
    const event = eventOf(entry, deps);
    const bus = busName(entry.EventBusName);
    journal.write(() => {
      record.run(bus, event.source, event['detail-type'], clock.now(), JSON.stringify(event));
      route(bus, event);
    });
    return event.id;
  };
  const scheduler = openScheduler({ ...deps, rules, fire: (rule) => fireRule(rule, { ...deps, rules }) });
  const put: EventBus['put'] = async (entries) => {
    const ids = entries.map((entry) => ({ EventId: publish(entry) }));
    await journal.flush();
    return ids;
  };
  return {
    put,
    publish,
    rules,
    actions: createEventActions({ ...deps, put, rules, schedule: scheduler.schedule }),
    schedule: scheduler.schedule,
    start: scheduler.start,
    stop: scheduler.stop,
    list: ({ source = '', detailType = '', after = 0 } = {}) =>
      page.all(after, source, source, detailType, detailType).map(({ position, bus, event }) => ({ position, bus, event: JSON.parse(event) })),
  };
}

/** A bus by name or ARN. */
export function busName(text: string | undefined): string {
  return text === undefined || text === '' ? 'default' : (text.split('/').at(-1) ?? 'default');
}

function fireRule(rule: Rule, { rules, deliver, clock, account, region }: EventsDeps & { readonly rules: RuleStore }): void {
  const resource = `arn:aws:events:${region}:${account}:rule/${rule.name}`;
  const event = eventOf({ Source: 'aws.events', DetailType: 'Scheduled Event', Detail: '{}', Resources: [resource] }, { clock, account, region });
  for (const target of rules.targets(rule)) deliver(target, inputOf(target, event, rule));
}

function eventOf(entry: BusEntry, { clock, account, region }: Pick<EventsDeps, 'clock' | 'account' | 'region'>): BusEvent {
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
