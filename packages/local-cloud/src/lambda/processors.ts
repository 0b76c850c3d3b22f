import { cpus } from 'node:os';

/** Time at work since any moment, in milliseconds. */
export interface Work {
  /** Of all processors of this machine. */
  readonly busy: number;
  /** All the time that they had. */
  readonly all: number;
  /** Of this process alone. */
  readonly own: number;
}

export interface ProcessorsDeps {
  /** Milliseconds since any moment. */
  readonly now: () => number;
  readonly work: () => Work;
}

/** So long a finding holds. A shorter time says little: processors count in hundredths of a second. */
const HOLDS_MS = 100;
/** Those who work wait for each other now and then: so much of all processors is as good as all. */
const NEARLY = 0.75;
/** A process that uses less than this part of one processor waits for somebody else, not for a processor. */
const AT_WORK = 0.1;

/** Whether at least this part of all processors is busy; nearly all of them if not given. */
export type ProcessorsAreBusy = (part?: number) => boolean;

/**
 * Whether this process works and the machine's processors have nothing to spare for more of it, whoever keeps
 * them busy. Answers for the time since it was asked before.
 */
export function watchProcessors({ now, work }: ProcessorsDeps = MACHINE): ProcessorsAreBusy {
  let [at, before, used] = [now(), work(), 0];
  return (part = NEARLY) => {
    const passed = now() - at;
    if (passed < HOLDS_MS) return used >= part;
    const after = work();
    const isAtWork = after.own - before.own >= AT_WORK * passed;
    used = isAtWork ? (after.busy - before.busy) / (after.all - before.all) : 0;
    at = now();
    before = after;
    return used >= part;
  };
}

const MACHINE: ProcessorsDeps = { now: () => performance.now(), work: workSoFar };

function workSoFar(): Work {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const { idle, ...work } = times;
    const worked = Object.values(work).reduce((sum, each) => sum + each, 0);
    busy += worked;
    all += worked + idle;
  }
  const { user, system } = process.cpuUsage();
  return { busy, all, own: (user + system) / 1000 };
}
