import { ApiError } from '@statebag/states';
import { type ProcessorsAreBusy, watchProcessors } from './processors.ts';
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
  /** Closes idle sandboxes of a function whose code or configuration changed. */
  retire(functionName: string): void;
  close(): Promise<void>;
}

interface Resident {
  readonly key: string;
  readonly functionName: string;
  readonly sandbox: Sandbox;
  /** Undefined while it works. */
  idleSince: number | undefined;
  reaper?: NodeJS.Timeout;
}

interface Waiting {
  readonly job: Job;
  readonly since: number;
  readonly admit: (resident: Resident) => void;
}

interface House {
  readonly maxSandboxes: number;
  readonly residents: Set<Resident>;
  /** By function, in the order they came. */
  readonly waiting: Map<string, Waiting[]>;
  readonly processorsAreBusy: ProcessorsAreBusy;
  /** The next look at who has waited long enough. */
  look: NodeJS.Timeout | undefined;
  closed: boolean;
}

/** So long an unused sandbox stays warm. */
const IDLE_MS = 30_000;
/** How often those who wait are looked at, besides whenever a sandbox comes free. */
const LOOK_MS = 50;
/** So long, for each sandbox that is there, work waits where another would only take processors from those. */
const PATIENCE_MS = 2_000;
/** More of one kind than these only help where they wait for others, and leave so much of the processors. */
const [MANY, LEFT_OVER] = [4, 0.5];

/**
 * Keeps sandboxes warm between events, and few: under `maxSandboxes`, and no more of a kind than short events
 * need. Work that finds no place waits in order.
 */
export function createSandboxPool(maxSandboxes: number): SandboxPool {
  const house: House = {
    maxSandboxes,
    residents: new Set(),
    waiting: new Map(),
    processorsAreBusy: watchProcessors(),
    look: undefined,
    closed: false,
  };
  return {
    run: (job) => runJob(house, job),
    retire: (functionName) => {
      for (const resident of idlest(house))
        if (resident.functionName === functionName) void evict(house, resident);
    },
    close: async () => {
      house.closed = true;
      clearTimeout(house.look);
      await Promise.all([...house.residents].map((resident) => evict(house, resident)));
    },
  };
}

async function runJob(house: House, job: Job): Promise<Outcome> {
  const free = occupy(house, job);
  const resident = free ?? (await new Promise<Resident>((admit) => wait(house, { job, admit })));
  try {
    const outcome = await resident.sandbox.run(job.task);
    // A thread that the closing cloud ended says nothing about its function.
    if (house.closed) throw new ApiError('ServiceException', 'the local cloud is closing', { status: 500 });
    return outcome;
  } finally {
    leave(house, resident);
  }
}

/** A sandbox for a job: a warm one, or a new one where there is room or room can be made. */
function occupy(house: House, job: Job, since = performance.now()): Resident | undefined {
  const warm = idlest(house).findLast(({ key }) => key === job.key);
  const resident = warm ?? (mayEnter(house, job, since) ? enter(house, job) : undefined);
  if (resident === undefined) return undefined;
  resident.idleSince = undefined;
  clearTimeout(resident.reaper);
  return resident;
}

function mayEnter(house: House, job: Job, since: number): boolean {
  if (job.nested) return true;
  if (isWorthWaiting(house, job, since)) return false;
  const busy = [...house.residents].filter(
    ({ functionName, idleSince }) => functionName === job.functionName && idleSince === undefined,
  );
  if (busy.length >= job.maxConcurrency) return false;
  if (house.residents.size < house.maxSandboxes) return true;
  const [longest] = idlest(house);
  if (longest !== undefined) void evict(house, longest);
  return longest !== undefined;
}

/**
 * Where all of a kind are busy, work waits for one of them as long as the newest took to start: most events
 * take less. After that their number doubles at most. Where all processors are busy, another one
 * would only take from them, and learn anew what they know by now: work waits longer, and the longer the more
 * there are of any kind. Each takes some 50 MB, too.
 */
function isWorthWaiting(house: House, { key }: Job, since: number): boolean {
  const peers = [...house.residents].filter((resident) => resident.key === key);
  const started = peers.flatMap(({ sandbox }) => sandbox.started() ?? []);
  const newest = started.toSorted((a, b) => a.at - b.at).at(-1);
  if (newest === undefined) return peers.length > 0;
  if (performance.now() - since < PATIENCE_MS * house.residents.size && house.processorsAreBusy())
    return true;
  if (peers.length >= MANY && house.processorsAreBusy(LEFT_OVER)) return true;
  return peers.length >= 2 * started.length || performance.now() - Math.max(since, newest.at) < newest.tookMs;
}

function enter(house: House, { key, functionName, options }: Job): Resident {
  const resident: Resident = { key, functionName, sandbox: startSandbox(options), idleSince: undefined };
  house.residents.add(resident);
  return resident;
}

function leave(house: House, resident: Resident): void {
  // Nested work may have gone over the limit; it does not stay there.
  if (!resident.sandbox.alive() || house.residents.size > house.maxSandboxes) void evict(house, resident);
  else {
    resident.idleSince = Date.now();
    resident.reaper = setTimeout(() => void evict(house, resident), IDLE_MS).unref();
  }
  if (!house.closed) admitWaiting(house);
}

function wait(house: House, entry: Omit<Waiting, 'since'>): void {
  const queue = house.waiting.get(entry.job.functionName) ?? [];
  queue.push({ ...entry, since: performance.now() });
  house.waiting.set(entry.job.functionName, queue);
  lookLater(house);
}

function lookLater(house: House): void {
  house.look ??= setTimeout(() => {
    house.look = undefined;
    admitWaiting(house);
    if (house.waiting.size > 0) lookLater(house);
  }, LOOK_MS);
}

/** Lets in whoever finds a place now, of all functions the one that has waited longest first. */
function admitWaiting(house: House): void {
  const heads = [...house.waiting.values()].flatMap(([head]) => head ?? []).sort((a, b) => a.since - b.since);
  for (const { job, since, admit } of heads) {
    const resident = occupy(house, job, since);
    if (resident === undefined) continue;
    const queue = house.waiting.get(job.functionName) ?? [];
    queue.shift();
    if (queue.length === 0) house.waiting.delete(job.functionName);
    admit(resident);
  }
}

/** The sandboxes without work, the one that has been so for longest first. */
function idlest({ residents }: House): Resident[] {
  const idle = [...residents].filter(({ idleSince }) => idleSince !== undefined);
  return idle.sort((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
}

async function evict({ residents }: House, resident: Resident): Promise<void> {
  residents.delete(resident);
  clearTimeout(resident.reaper);
  await resident.sandbox.close();
}
