import type { Clock, Journal } from '../../ports.ts';
import { processorOf } from '../definition/processor-of.ts';
import type { Program } from '../definition/program.ts';
import { type LiveMapRuns, mapRunHost } from '../maprun/map-run-host.ts';
import { type ActivityStore, activityStore } from '../store/activity-store.ts';
import { type EventStore, eventStore } from '../store/event-store.ts';
import { ExecutionStore, type StoredRun } from '../store/execution-store.ts';
import { restoreFrame } from '../store/frame-body.ts';
import { type MachineStore, machineStore } from '../store/machine-store.ts';
import { type MapRunStore, mapRunStore } from '../store/map-run-store.ts';
import { type RevisionStore, revisionStore } from '../store/revision-store.ts';
import { TABLES } from '../store/tables.ts';
import { type VersionStore, versionStore } from '../store/version-store.ts';
import { Activities } from './activities.ts';
import { EndWatch } from './end-watch.ts';
import type { ExecutionRecord } from './execution-record.ts';
import type { Frame } from './frame.ts';
import type { EngineDeps, Host, Services, StartRequest } from './host.ts';
import { Run } from './run.ts';
import { Scheduler } from './scheduler.ts';
import { startExecution } from './start-execution.ts';
import { type StatusEvents, statusEvents } from './status-events.ts';
import { takeUp, tellParent } from './take-up.ts';

/** The engine behind the API: the runs in memory, and the stores of what is in the journal. */
export class Engine implements Host {
  readonly clock: Clock;
  readonly functions: Services['functions'];
  readonly objects: Services['objects'];
  readonly bus: Services['bus'];
  readonly items: Services['items'];
  readonly account: string;
  readonly region: string;
  readonly random: () => number;
  readonly machines: MachineStore;
  readonly revisions: RevisionStore;
  readonly versions: VersionStore;
  readonly executions: ExecutionStore;
  readonly events: EventStore;
  readonly mapRunStore: MapRunStore;
  readonly mapRuns: LiveMapRuns;
  readonly activityStore: ActivityStore;
  readonly activities: Activities;
  readonly #journal: Journal;
  readonly #scheduler: Scheduler;
  readonly #outbox: StatusEvents;
  readonly #runs = new Map<number, Run>();
  readonly #runsByArn = new Map<string, Run>();
  readonly #endWatch = new EndWatch();

  constructor({ journal, clock, functions, objects, bus, items, account, region, random }: EngineDeps) {
    journal.db.exec(TABLES);
    this.#journal = journal;
    this.clock = clock;
    this.functions = functions;
    this.objects = objects;
    this.bus = bus;
    this.items = items;
    this.account = account;
    this.region = region;
    this.random = random;
    this.machines = machineStore(journal);
    this.revisions = revisionStore(journal);
    this.versions = versionStore(journal);
    this.executions = new ExecutionStore(journal);
    this.events = eventStore(journal, this.executions.payloads);
    this.mapRunStore = mapRunStore(journal, this.executions.payloads);
    this.#outbox = statusEvents(journal, bus);
    this.#scheduler = new Scheduler({ journal, clock, save: this.executions.save });
    this.mapRuns = mapRunHost(this);
    this.activityStore = activityStore(journal);
    this.activities = new Activities(this);
  }

  /** Takes up everything that was running when the process ended. */
  start(): void {
    this.#outbox.deliver();
    const resumed = this.executions.running().map((stored) => this.resume(stored));
    for (const run of resumed) for (const frame of [...run.frames.values()]) takeUp(frame);
  }

  close(): void {
    for (const run of this.#runs.values()) run.detach();
    this.#scheduler.close();
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

  liveRun(id: number): Run | undefined {
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

  stopExecution(id: number): void {
    this.#runs.get(id)?.abort({});
  }

  /** Starts a run for a new record. */
  begin(record: ExecutionRecord): ExecutionRecord {
    const run = this.#track(new Run(this, this.#programOf(record), record));
    run.start();
    this.announce(run);
    return record;
  }

  /** Has a run in memory again that the journal knows; its frames are taken up apart. */
  resume(stored: StoredRun): Run {
    const run = this.#track(new Run(this, this.#programOf(stored.record), stored.record));
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
    tellParent(this, run.record);
    this.mapRuns.childEnded(run.record);
    this.announce(run);
    this.whenDurable(() => this.#endWatch.tell(run.record));
  }

  /** Tells the bus of the status that a run has come to. */
  announce(run: Run): void {
    const now = { ...run.record };
    run.writeAlso(() => this.#outbox.add(now));
    this.whenDurable(() => this.#outbox.deliver());
  }

  /** Resolves with the record when the execution has ended. */
  async whenEnded(id: number): Promise<ExecutionRecord> {
    const record = this.findExecution(id);
    return record && record.status !== 'RUNNING' ? record : this.#endWatch.whenEnded(id);
  }

  #track(run: Run): Run {
    this.#runs.set(run.record.id, run);
    this.#runsByArn.set(run.record.arn, run);
    return run;
  }

  #programOf({ revision, program }: ExecutionRecord): Program {
    return processorOf(this.revisions.program(revision), program);
  }
}
