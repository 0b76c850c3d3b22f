import { fromJson, type Journal, prepare } from '@statebag/states';

/** A bus by name or ARN. */
export function busName(text: string | undefined): string {
  return text === undefined || text === '' ? 'default' : (text.split('/').at(-1) ?? 'default');
}

export interface Target {
  readonly id: string;
  readonly arn: string;
  /** The role that a machine is started under. */
  readonly roleArn?: string;
  /** JSON text sent instead of the event. */
  readonly input?: string;
  /** Path of the part of the event that is sent. */
  readonly inputPath?: string;
  readonly inputTransformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string };
}

export interface Rule {
  readonly bus: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly description?: string;
  readonly pattern?: Readonly<Record<string, unknown>>;
  /** `rate(…)`. */
  readonly schedule?: string;
}

/** A rule with the time its schedule comes next. */
export interface ScheduledRule extends Rule {
  readonly nextAt: number;
}

export interface RuleStore {
  put(rule: Rule, nextAt: number | undefined): void;
  find(bus: string, name: string): Rule | undefined;
  list(bus: string): Rule[];
  remove(bus: string, name: string): void;
  scheduled(): ScheduledRule[];
  reschedule(rule: Rule, nextAt: number): void;
  targets(rule: Pick<Rule, 'bus' | 'name'>): Target[];
  putTarget(rule: Pick<Rule, 'bus' | 'name'>, target: Target): void;
  removeTarget(rule: Pick<Rule, 'bus' | 'name'>, id: string): void;
}

interface RuleRow {
  rule: string;
  next_at: number | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS event_rule (bus TEXT NOT NULL, name TEXT NOT NULL, rule TEXT NOT NULL, next_at INTEGER, PRIMARY KEY (bus, name)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS event_target (bus TEXT NOT NULL, rule TEXT NOT NULL, id TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (bus, rule, id)) WITHOUT ROWID`;

/**
 * Rules and their targets in the journal's database. Call the writing methods inside or outside of a write;
 * they are one either way.
 */
export function openRuleStore(journal: Journal): RuleStore {
  journal.write(() => journal.db.exec(SCHEMA));
  const { db } = journal;
  const put = prepare(db, 'INSERT OR REPLACE INTO event_rule (bus, name, rule, next_at) VALUES (?, ?, ?, ?)');
  const find = prepare<RuleRow>(db, 'SELECT rule, next_at FROM event_rule WHERE bus = ? AND name = ?');
  const list = prepare<RuleRow>(db, 'SELECT rule, next_at FROM event_rule WHERE bus = ? ORDER BY name');
  const scheduled = prepare<RuleRow>(
    db,
    'SELECT rule, next_at FROM event_rule WHERE next_at IS NOT NULL ORDER BY next_at',
  );
  const drop = prepare(db, 'DELETE FROM event_rule WHERE bus = ? AND name = ?');
  const targets = prepare<{ target: string }>(
    db,
    'SELECT target FROM event_target WHERE bus = ? AND rule = ? ORDER BY id',
  );
  const putTarget = prepare(
    db,
    'INSERT OR REPLACE INTO event_target (bus, rule, id, target) VALUES (?, ?, ?, ?)',
  );
  const dropTarget = prepare(db, 'DELETE FROM event_target WHERE bus = ? AND rule = ? AND id = ?');
  return {
    put: (rule, nextAt) =>
      journal.write(() => void put.run(rule.bus, rule.name, JSON.stringify(rule), nextAt ?? null)),
    find: (bus, name) => {
      const row = find.get(bus, name);
      return row && fromJson<Rule>(row.rule);
    },
    list: (bus) => list.all(bus).map(({ rule }) => fromJson<Rule>(rule)),
    remove: (bus, name) => journal.write(() => void drop.run(bus, name)),
    scheduled: () =>
      scheduled.all().map(({ rule, next_at }) => ({ ...fromJson<Rule>(rule), nextAt: next_at ?? 0 })),
    reschedule: (rule, nextAt) =>
      journal.write(() => void put.run(rule.bus, rule.name, JSON.stringify(rule), nextAt)),
    targets: ({ bus, name }) => targets.all(bus, name).map(({ target }) => fromJson<Target>(target)),
    putTarget: ({ bus, name }, target) =>
      journal.write(() => void putTarget.run(bus, name, target.id, JSON.stringify(target))),
    removeTarget: ({ bus, name }, id) => journal.write(() => void dropTarget.run(bus, name, id)),
  };
}
