import type { Clock, Journal } from '../../ports.ts';
import { advance } from './advance.ts';
import type { Frame } from './frame.ts';
import { type Run, Unsaved } from './run.ts';

/** States that one frame visits before others have their turn. */
const STATES_A_TURN = 256;
/** Turns after which the event loop gets to do other things. */
const TURNS_A_TICK = 64;

/** Lets frames go on, and writes what they have come to into the journal at the end of each turn. */
export interface Scheduler {
  enqueue(frame: Frame): void;
  changed(run: Run): void;
  whenDurable(callback: () => void): void;
  /** Writes everything of now into the journal's open group. */
  persist(): void;
  /** Resolves when everything of now survives a crash. */
  flush(): Promise<void>;
  close(): void;
}

export function scheduler({ journal, clock, save }: { journal: Journal; clock: Clock; save: (run: Run) => void }): Scheduler {
  let queue: Frame[] = [];
  let waiting: (() => void)[] = [];
  let turn: NodeJS.Immediate | undefined;
  let release: (() => void) | undefined;
  const dirty = new Set<Run>();

  const wake = (): void => {
    release ??= clock.hold();
    turn ??= setImmediate(drain);
  };

  const persist = (): void => {
    if (dirty.size === 0) return;
    journal.write(() => {
      for (const run of dirty) save(run);
    });
    for (const run of dirty) run.unsaved = new Unsaved();
    dirty.clear();
  };

  const drain = (): void => {
    turn = undefined;
    for (let turns = TURNS_A_TICK; turns > 0 && queue.length > 0; ) {
      const ready = queue;
      queue = [];
      turns -= ready.length;
      for (const frame of ready) advance(frame, STATES_A_TURN);
    }
    persist();
    const told = waiting;
    waiting = [];
    if (told.length > 0) void journal.flush().then(() => tell(told));
    rest();
  };

  const tell = (callbacks: readonly (() => void)[]): void => {
    for (const callback of callbacks) callback();
    rest();
  };

  /** Goes to sleep, or on where there is something to do. */
  const rest = (): void => {
    if (queue.length > 0 || dirty.size > 0 || waiting.length > 0) {
      wake();
      return;
    }
    release?.();
    release = undefined;
  };

  return {
    enqueue(frame) {
      queue.push(frame);
      wake();
    },
    changed(run) {
      if (dirty.has(run)) return;
      dirty.add(run);
      wake();
    },
    whenDurable(callback) {
      waiting.push(callback);
      wake();
    },
    persist,
    flush() {
      persist();
      return journal.flush();
    },
    close() {
      if (turn) clearImmediate(turn);
      release?.();
      persist();
    },
  };
}
