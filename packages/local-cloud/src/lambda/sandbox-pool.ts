import { ApiError } from '../ports.ts';
import { type Outcome, type Sandbox, type SandboxOptions, startSandbox, type Task } from './sandbox.ts';

/** A piece of work for a sandbox of one kind. */
export interface Job {
  /** Equal keys share warm sandboxes: function, version, code and configuration. */
  readonly key: string;
  readonly functionName: string;
  readonly maxConcurrency: number;
  readonly options: SandboxOptions;
  /** The caller is itself a function that waits in a sandbox: making it queue for one could wait for ever. */
  readonly nested: boolean;
  readonly task: Task;
}

export interface SandboxPool {
  run(job: Job): Promise<Outcome>;
  /** Closes idle sandboxes of a function, whose code or configuration changed. */
  retire(functionName: string): void;
  close(): Promise<void>;
}

interface Resident {
  readonly key: string;
  readonly functionName: string;
  readonly sandbox: Sandbox;
  idleSince: number | undefined;
  reaper?: NodeJS.Timeout;
}

/** So long an unused sandbox stays warm. */
const IDLE_MS = 60_000;

/** Keeps sandboxes warm between events and their number under `maxSandboxes`; work that finds no place waits in order. */
export function createSandboxPool(maxSandboxes: number): SandboxPool {
  const residents = new Set<Resident>();
  let closed = false;
  const waiting: { readonly job: Job; readonly start: (resident: Resident) => void }[] = [];

  const evict = async (resident: Resident): Promise<void> => {
    residents.delete(resident);
    clearTimeout(resident.reaper);
    await resident.sandbox.close();
  };
  const enter = (job: Job): Resident | undefined => {
    const warm = [...residents].find(({ key, idleSince }) => key === job.key && idleSince !== undefined);
    if (warm !== undefined) return warm;
    const busyWithFunction = [...residents].filter(({ functionName, idleSince }) => functionName === job.functionName && idleSince === undefined);
    if (busyWithFunction.length >= job.maxConcurrency && !job.nested) return undefined;
    if (residents.size >= maxSandboxes && !evictIdlest() && !job.nested) return undefined;
    const resident: Resident = { key: job.key, functionName: job.functionName, sandbox: startSandbox(job.options), idleSince: undefined };
    residents.add(resident);
    return resident;
  };
  const evictIdlest = (): boolean => {
    const idle = [...residents].filter(({ idleSince }) => idleSince !== undefined).sort((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
    if (idle[0] !== undefined) void evict(idle[0]);
    return idle[0] !== undefined;
  };
  const occupy = (resident: Resident): Resident => {
    resident.idleSince = undefined;
    clearTimeout(resident.reaper);
    return resident;
  };
  const leave = (resident: Resident): void => {
    if (!resident.sandbox.alive()) void evict(resident);
    else {
      resident.idleSince = Date.now();
      resident.reaper = setTimeout(() => void evict(resident), IDLE_MS).unref();
    }
    admit();
  };
  const admit = (): void => {
    if (closed) return;
    for (const entry of [...waiting]) {
      const resident = enter(entry.job);
      if (resident === undefined) continue;
      waiting.splice(waiting.indexOf(entry), 1);
      entry.start(occupy(resident));
    }
  };
  return {
    run: async (job) => {
      const free = enter(job);
      const resident = free === undefined ? await new Promise<Resident>((start) => waiting.push({ job, start })) : occupy(free);
      try {
        const outcome = await resident.sandbox.run(job.task);
        // A thread that the closing cloud ended says nothing about its function.
        if (closed) throw new ApiError('ServiceException', 'the local cloud is closing', { status: 500 });
        return outcome;
      } finally {
        leave(resident);
      }
    },
    retire: (functionName) => {
      for (const resident of residents) if (resident.functionName === functionName && resident.idleSince !== undefined) void evict(resident);
    },
    close: async () => {
      closed = true;
      await Promise.all([...residents].map(evict));
    },
  };
}
