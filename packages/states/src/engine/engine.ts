import { compileDefinition } from '../definition/compile.ts';
import type { Clock } from '../ports/clock.ts';
import { type Expressions, threadedExpressions } from '../ports/expressions.ts';
import type { Journal } from '../ports/journal.ts';
import type { ExecutionRecord } from '../program/execution.ts';
import type { Frame, Program, Run } from '../program/program.ts';
import type { EngineDeps, Services, StartGate, StartRequest } from '../program/task-target.ts';
import { LiveRun } from '../run/run.ts';
import { type EventStore, eventStore } from '../store/event-store.ts';
import { ExecutionStore, type StoredRun } from '../store/execution-store.ts';
import { restoreFrame } from '../store/frame-body.ts';
import {
  type MachineStore,
  machineStore,
  type RevisionStore,
  revisionStore,
  type VersionStore,
  versionStore,
} from '../store/machine-store.ts';
import { type MapRunStore, mapRunStore } from '../store/map-run-store.ts';
import { prepareTables } from '../store/tables.ts';
import { Activities, type ActivityStore, activityStore } from './activities.ts';
import type { EngineCore } from './core.ts';
import { type LiveMapRuns, mapRunHost } from './map-run-host.ts';
import { Scheduler } from './scheduler.ts';
import { startExecution } from './start-execution.ts';
import { type StatusEvents, statusEvents } from './status-events.ts';
import { takeUp, tellParent } from './take-up.ts';

/** The engine behind the API: the runs in memory, and the stores of what is in the journal. */
export class Engine implements EngineCore {
  readonly clock: Clock;
  readonly functions: Services['functions'];
  readonly objects: Services['objects'];
  readonly bus: Services['bus'];
  readonly items: Services['items'];
  readonly apis: Services['apis'];
  readonly rights: Services['rights'];
  readonly account: string;
  readonly region: string;
  readonly random: () => number;
  readonly expressions: Expressions = threadedExpressions();
  readonly machines: MachineStore;
  readonly revisions: RevisionStore;
  readonly versions: VersionStore;
  readonly executions: ExecutionStore;
  readonly events: EventStore;
  readonly mapRunStore: MapRunStore;
  readonly mapRuns: LiveMapRuns;
  readonly activityStore: ActivityStore;
  readonly activities: Activities;
  readonly pace: ((frame: Frame) => number) | undefined;
  readonly #starting: StartGate | undefined;
  readonly #journal: Journal;
  readonly #scheduler: Scheduler;
  readonly #statusEvents: StatusEvents;
  readonly #runs = new Map<number, LiveRun>();
  readonly #runsByArn = new Map<string, LiveRun>();
  #openStandard = 0;
  readonly #endWatch = new EndWatch();

  constructor(deps: EngineDeps) {
    const { journal, clock, functions, objects, bus, items, apis, account, region, random } = deps;
    prepareTables(journal);
    this.#journal = journal;
    this.clock = clock;
    this.functions = functions;
    this.objects = objects;
    this.bus = bus;
    this.items = items;
    this.apis = apis;
    this.rights = deps.rights ?? { require: () => {} };
    this.account = account;
    this.region = region;
    this.random = random;
    this.machines = machineStore(journal);
    this.revisions = revisionStore(journal, compileDefinition);
    this.versions = versionStore(journal);
    this.executions = new ExecutionStore(journal);
    this.events = eventStore(journal, this.executions.payloads);
    this.mapRunStore = mapRunStore(journal, this.executions.payloads);
    this.#statusEvents = statusEvents(journal, deps.statusBus ?? bus, (id) => this.executions.byId(id));
    this.#scheduler = new Scheduler({ journal, clock, save: this.executions.save });
    this.mapRuns = mapRunHost(this);
    this.pace = deps.pace && onceEach(deps.pace);
    this.#starting = deps.starting;
    this.activityStore = activityStore(journal);
    this.activities = new Activities({ runs: this, store: this.activityStore, clock });
  }

  /** Takes up everything that was running when the process ended. */
  start(): void {
    this.#statusEvents.deliver();
    const resumed = this.executions.running().map((stored) => this.resume(stored));
    for (const run of resumed) for (const frame of [...run.frames.values()]) takeUp(frame);
  }

  close(): void {
    for (const run of this.#runs.values()) run.detach();
    this.#scheduler.close();
    this.expressions.close();
    this.#runs.clear();
  }

  enqueue(frame: Frame): void {
    this.#scheduler.enqueue(frame);
  }

  changed(run: Run): void {
    this.#scheduler.changed(run);
  }

  whenDurable(callback: () => void): void {
    this.#scheduler.whenDurable(callback);
  }

  /** Brings the journal's open group up to date with the runs in memory. */
  persist(): void {
    this.#scheduler.persist();
  }

  /** Resolves when everything so far survives a crash. */
  flush(): Promise<void> {
    return this.#scheduler.flush();
  }

  /** Writes to the journal in one step; gives what the statements give. */
  write<T>(statements: () => T): T {
    const results: { readonly value: T }[] = [];
    this.#journal.write(() => void results.push({ value: statements() }));
    const [result] = results;
    if (!result) throw new Error('the journal has not run the step');
    return result.value;
  }

  liveRun(id: number): LiveRun | undefined {
    return this.#runs.get(id);
  }

  findExecution(id: number): ExecutionRecord | undefined {
    const run = this.#runs.get(id);
    if (run) return run.record;
    this.persist();
    return this.executions.byId(id);
  }

  findByArn(arn: string): ExecutionRecord | undefined {
    const run = this.#runsByArn.get(arn);
    if (run) return run.record;
    this.persist();
    return this.executions.byArn(arn);
  }

  startExecution(request: StartRequest): ExecutionRecord {
    return startExecution(this, request);
  }

  admit(start: { readonly express: boolean; readonly sync: boolean }): void {
    this.#starting?.({ ...start, open: this.#openStandard });
  }

  stopExecution(id: number): void {
    this.#runs.get(id)?.abort({});
  }

  /** Starts a run for a new record. */
  begin(record: ExecutionRecord): ExecutionRecord {
    const run = this.#track(new LiveRun(this, this.#programOf(record), record));
    run.start();
    this.announce(run);
    return record;
  }

  /** Has a run in memory again that the journal knows; its frames are taken up apart. */
  resume(stored: StoredRun): Run {
    const run = this.#track(new LiveRun(this, this.#programOf(stored.record), stored.record));
    run.continueAt(stored);
    const { payloads } = this.executions;
    for (const row of stored.frames) restoreFrame(run, row, payloads);
    for (const { frame, slot, payload } of stored.results) {
      const results = run.frames.get(frame)?.results;
      if (results) results[slot] = payloads.decode(payload);
    }
    run.watchDeadline();
    return run;
  }

  ended(run: Run): void {
    const { id, arn } = run.record;
    this.changed(run);
    this.#runs.delete(id);
    this.#runsByArn.delete(arn);
    if (!run.record.express) this.#openStandard -= 1;
    tellParent(this, run.record);
    this.mapRuns.childEnded(run.record);
    this.announce(run);
    this.whenDurable(() => this.#endWatch.tell(run.record));
  }

  /** Tells the bus of the status that a run has come to. */
  announce(run: Run): void {
    const now = { ...run.record };
    run.writeAlso(() => this.#statusEvents.tell(now));
  }

  /** Resolves with the record when the execution has ended. */
  async whenEnded(id: number): Promise<ExecutionRecord> {
    const record = this.findExecution(id);
    return record && record.status !== 'RUNNING' ? record : this.#endWatch.whenEnded(id);
  }

  /** Resolves when the execution has ended, or so much time has passed. */
  whileRunning(execution: ExecutionRecord, millis: number): Promise<void> {
    if (execution.status !== 'RUNNING') return Promise.resolve();
    return new Promise((resolve) => {
      const leave = this.#endWatch.listen(execution.id, () => {
        clearTimeout(patience);
        resolve();
      });
      const patience = setTimeout(() => {
        leave();
        resolve();
      }, millis).unref(); // a client's own time, whatever clock executions have
    });
  }

  #track(run: LiveRun): LiveRun {
    this.#runs.set(run.record.id, run);
    this.#runsByArn.set(run.record.arn, run);
    if (!run.record.express) this.#openStandard += 1;
    return run;
  }

  #programOf({ revision, program }: ExecutionRecord): Program {
    return this.revisions.program(revision, program);
  }
}

/** A frame that has waited has its turn. Only standard executions are held to a rate. */
function onceEach(pace: () => number): (frame: Frame) => number {
  const waited = new WeakSet<Frame>();
  return (frame) => {
    if (frame.run.record.express || waited.delete(frame)) return 0;
    const millis = pace();
    if (millis > 0) waited.add(frame);
    return millis;
  };
}

/** Callers who wait for executions to end. */
export class EndWatch {
  readonly #waiting = new Map<number, Set<(record: ExecutionRecord) => void>>();

  whenEnded(id: number): Promise<ExecutionRecord> {
    return new Promise((resolve) => this.listen(id, resolve));
  }

  /** Has it called once, when the execution has ended, unless what it gives was called before. */
  listen(id: number, callback: (record: ExecutionRecord) => void): () => void {
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(callback));
    return () => {
      waiting.delete(callback);
      if (waiting.size === 0) this.#waiting.delete(id);
    };
  }

  tell(record: ExecutionRecord): void {
    const waiting = this.#waiting.get(record.id) ?? [];
    this.#waiting.delete(record.id);
    for (const callback of waiting) callback(record);
  }
}
