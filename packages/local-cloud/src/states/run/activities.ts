import type { Clock } from '../../ports.ts';
import type { Engine } from './engine.ts';
import { submitted } from './task-work.ts';
import { waitingTask } from './waiting-task.ts';

/** So long a worker's poll is kept open. */
const POLL_MS = 60_000;

/** What a worker gets. */
export interface ActivityTask {
  readonly taskToken: string;
  readonly input: string;
}

/** Brings tasks and workers together. Nothing of it is in the journal: after a restart each task offers itself again. */
export class Activities {
  readonly #engine: Engine;
  readonly #clock: Clock;
  /** Tokens that no worker has taken, oldest first, by activity. */
  readonly #offers = new Map<string, string[]>();
  readonly #pollers = new Map<string, Set<() => void>>();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#clock = engine.clock;
  }

  exists(arn: string): boolean {
    return this.#engine.activityStore.byArn(arn) !== undefined;
  }

  offer(arn: string, token: string): void {
    this.#offers.set(arn, [...(this.#offers.get(arn) ?? []), token]);
    for (const wake of this.#pollers.get(arn) ?? []) wake();
  }

  /** The oldest task of the activity, as soon as there is one. Undefined: there was none for as long as a poll lasts. */
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
      const task = waitingTask(this.#engine, token);
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
