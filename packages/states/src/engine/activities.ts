import type { Clock } from '../ports/clock.ts';
import { fromJson, type Journal, prepare } from '../ports/journal.ts';
import type { ActivityHost } from '../program/task-target.ts';
import { type LiveRuns, waitingTask } from '../run/task-token.ts';
import { submitted } from '../run/task-work.ts';

/** So long a worker's poll is kept open. */
const POLL_MS = 60_000;

/** What a worker gets. */
export interface ActivityTask {
  readonly taskToken: string;
  readonly input: string;
}

/**
 * Brings tasks and workers together. Nothing of it is in the journal: after a restart each task offers itself
 * again.
 */
export class Activities implements ActivityHost {
  readonly #runs: LiveRuns;
  readonly #store: ActivityStore;
  readonly #clock: Clock;
  /** Tokens that no worker has taken, oldest first, by activity. */
  readonly #offers = new Map<string, string[]>();
  readonly #pollers = new Map<string, Set<() => void>>();

  constructor({ runs, store, clock }: { runs: LiveRuns; store: ActivityStore; clock: Clock }) {
    this.#runs = runs;
    this.#store = store;
    this.#clock = clock;
  }

  exists(arn: string): boolean {
    return this.#store.byArn(arn) !== undefined;
  }

  offer(arn: string, token: string): void {
    this.#offers.set(arn, [...(this.#offers.get(arn) ?? []), token]);
    for (const wake of this.#pollers.get(arn) ?? []) wake();
  }

  /**
   * The oldest task of the activity, as soon as there is one. Undefined: there was none for as long as a poll
   * lasts.
   */
  async take(arn: string, workerName: string): Promise<ActivityTask | undefined> {
    const end = this.#clock.now() + POLL_MS;
    for (;;) {
      const task = this.#takeNow(arn, workerName);
      if (task || this.#clock.now() >= end) return task;
      await this.#offered(arn, end);
    }
  }

  /** Passes over tasks that have ended meanwhile. */
  #takeNow(arn: string, workerName: string): ActivityTask | undefined {
    const offers = this.#offers.get(arn) ?? [];
    for (let token = offers.shift(); token !== undefined; token = offers.shift()) {
      const task = waitingTask(this.#runs, token);
      if (!task || task.phase.submitted) continue;
      submitted(task.frame, task.target, workerName);
      return { taskToken: token, input: task.phase.parameters.text };
    }
    return undefined;
  }

  #offered(arn: string, end: number): Promise<void> {
    return new Promise((resolve) => {
      const pollers = this.#pollers.get(arn) ?? new Set();
      this.#pollers.set(arn, pollers);
      const wake = (): void => {
        pollers.delete(wake);
        cancel();
        resolve();
      };
      const cancel = this.#clock.at(end, wake);
      pollers.add(wake);
    });
  }
}

export interface Activity {
  readonly arn: string;
  readonly name: string;
  readonly created: number;
  readonly tags: Readonly<Record<string, string>>;
}

type ActivityRow = Omit<Activity, 'tags'> & { readonly tags: string | null };

/** Activities in the journal. */
export interface ActivityStore {
  byArn(arn: string): Activity | undefined;
  list(): readonly Activity[];
  save(activity: Activity): void;
  remove(arn: string): void;
}

export function activityStore({ db }: Journal): ActivityStore {
  const FOUND =
    'SELECT a.arn, a.name, a.created, t.tags FROM states_activities a LEFT JOIN states_activity_tags t ON t.arn = a.arn';
  const byArn = prepare<ActivityRow>(db, `${FOUND} WHERE a.arn = ?`);
  const list = prepare<ActivityRow>(db, `${FOUND} ORDER BY a.name`);
  const upsert = prepare(db, 'INSERT OR REPLACE INTO states_activities VALUES (?, ?, ?)');
  const upsertTags = prepare(db, 'INSERT OR REPLACE INTO states_activity_tags VALUES (?, ?)');
  const removals = ['states_activities', 'states_activity_tags'].map((table) =>
    prepare(db, `DELETE FROM ${table} WHERE arn = ?`),
  );
  // an activity of an older journal has no tags
  const read = (row: ActivityRow): Activity => ({
    ...row,
    tags: row.tags === null ? {} : fromJson(row.tags),
  });
  return {
    byArn(arn) {
      const row = byArn.get(arn);
      return row && read(row);
    },
    list: () => list.all().map(read),
    save({ arn, name, created, tags }) {
      upsert.run(arn, name, created);
      upsertTags.run(arn, JSON.stringify(tags));
    },
    remove(arn) {
      for (const removal of removals) removal.run(arn);
    },
  };
}
