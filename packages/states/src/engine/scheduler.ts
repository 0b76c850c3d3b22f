import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import { type Frame, type Run, Unsaved } from '../program/program.ts';
import { advance } from '../run/advance.ts';
import { apiErrors } from './api-errors.ts';

/** States that one frame visits before others have their turn. */
const STATES_A_TURN = 256;
/** Turns after which the event loop gets to do other things. */
const TURNS_A_TICK = 64;

/**
 * Lets frames go on, and writes what they have come to into the journal at the end of each turn. Holds the
 * clock while it has something to do.
 */
export class Scheduler {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #save: (run: Run) => void;
  readonly #dirty = new Set<Run>();
  #queue: Frame[] = [];
  #waiting: (() => void)[] = [];
  #turn: NodeJS.Immediate | undefined;
  #release: (() => void) | undefined;
  #closed = false;

  constructor({ journal, clock, save }: { journal: Journal; clock: Clock; save: (run: Run) => void }) {
    this.#journal = journal;
    this.#clock = clock;
    this.#save = save;
  }

  enqueue(frame: Frame): void {
    this.#queue.push(frame);
    this.#wake();
  }

  changed(run: Run): void {
    if (this.#dirty.has(run)) return;
    this.#dirty.add(run);
    this.#wake();
  }

  whenDurable(callback: () => void): void {
    this.#waiting.push(callback);
    this.#wake();
  }

  /** Writes everything of now into the journal's open group. */
  persist(): void {
    if (this.#dirty.size === 0 || this.#closed) return;
    this.#journal.write(() => {
      for (const run of this.#dirty) this.#save(run);
    });
    for (const run of this.#dirty) run.unsaved = new Unsaved();
    this.#dirty.clear();
  }

  /** Resolves when everything of now survives a crash. @throws for what came after the end */
  async flush(): Promise<void> {
    this.persist();
    if (this.#closed && this.#dirty.size > 0) throw apiErrors.closing();
    return this.#journal.flush();
  }

  close(): void {
    if (this.#turn) clearImmediate(this.#turn);
    this.persist();
    this.#closed = true;
    this.#release?.();
  }

  /** What answers after the end is lost, as it would be in a crash; the next start asks again. */
  #wake(): void {
    if (this.#closed) return;
    this.#release ??= this.#clock.hold();
    this.#turn ??= setImmediate(() => this.#drain());
  }

  #drain(): void {
    this.#turn = undefined;
    for (let turns = TURNS_A_TICK; turns > 0 && this.#queue.length > 0; ) {
      const ready = this.#queue;
      this.#queue = [];
      turns -= ready.length;
      for (const frame of ready) advance(frame, STATES_A_TURN);
    }
    this.persist();
    const told = this.#waiting;
    this.#waiting = [];
    if (told.length > 0) this.#tellWhenDurable(told);
    else this.#rest();
  }

  #tellWhenDurable(callbacks: readonly (() => void)[]): void {
    void this.#journal.flush().then(() => {
      for (const callback of callbacks) callback();
      this.#rest();
    });
  }

  /** Goes to sleep, or on where there is something to do. */
  #rest(): void {
    if (this.#queue.length > 0 || this.#dirty.size > 0 || this.#waiting.length > 0) {
      this.#wake();
      return;
    }
    this.#release?.();
    this.#release = undefined;
  }
}
