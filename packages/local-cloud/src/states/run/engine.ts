import type { Clock, Journal } from '../../ports.ts';
import type { Program } from '../definition/program.ts';
import { type LiveMapRuns, mapRunHost } from '../maprun/map-run-host.ts';
import { type EventStore, eventStore } from '../store/event-store.ts';
import { type ExecutionStore, executionStore, type StoredRun } from '../store/execution-store.ts';
import { restoreFrame } from '../store/frame-body.ts';
import { type MachineStore, machineStore } from '../store/machine-store.ts';
import { type MapRunStore, mapRunStore } from '../store/map-run-store.ts';
import { TABLES } from '../store/tables.ts';
import { type VersionStore, versionStore } from '../store/version-store.ts';
import { retry } from './advance.ts';
import type { ExecutionRecord } from './execution-record.ts';
import type { Frame } from './frame.ts';
import type { Host, Services } from './host.ts';
import { Run } from './run.ts';
import { scheduler } from './scheduler.ts';
import { startExecution } from './start-execution.ts';
import { statusEvents } from './status-events.ts';
import { childEnded } from './task-work.ts';

/** Everything that the engine needs from outside. */
export interface EngineDeps extends Services {
  readonly journal: Journal;
  readonly clock: Clock;
}

/** The engine behind the API: the runs in memory, and the stores of what is in the journal. */
export interface Engine extends Host {
  readonly mapRuns: LiveMapRuns;
  readonly machines: MachineStore;
  readonly versions: VersionStore;
  readonly executions: ExecutionStore;
  readonly events: EventStore;
  readonly mapRunStore: MapRunStore;
  /** Writes to the journal in one step. */
  write(statements: () => void): void;
  /** Resolves when everything so far survives a crash. */
  flush(): Promise<void>;
  /** What the journal says is up to date with the runs in memory. */
  persist(): void;
  liveRun(id: number): Run | undefined;
  findByArn(arn: string): ExecutionRecord | undefined;
  /** Starts a run for a new record. */
  begin(record: ExecutionRecord): ExecutionRecord;
  /** Takes up a run that the journal knows. */
  resume(stored: StoredRun): Run;
  /** Resolves with the record when the execution has ended. */
  whenEnded(id: number): Promise<ExecutionRecord>;
  /** Takes up everything that was running when the process ended. */
  start(): void;
  close(): void;
}

export function createEngine({ journal, clock, ...services }: EngineDeps): Engine {
  journal.db.exec(TABLES);
  const machines = machineStore(journal);
  const executions = executionStore(journal);
  const runs = new Map<number, Run>();
  const runsByArn = new Map<string, Run>();
  const watchers = new Map<number, ((record: ExecutionRecord) => void)[]>();
  const outbox = statusEvents(journal, services.bus);
  const save = (run: Run): void => {
    executions.save(run);
    if (run.unsaved.record) outbox.add(run.record);
  };
  const { enqueue, changed, whenDurable, persist, flush, close } = scheduler({ journal, clock, save });

  const track = (run: Run): Run => {
    runs.set(run.record.id, run);
    runsByArn.set(run.record.arn, run);
    return run;
  };
  const programOf = ({ revision, program }: ExecutionRecord): Program => processorOf(machines.program(revision), program);

  const engine: Engine = {
    ...services,
    clock,
    machines,
    executions,
    versions: versionStore(journal),
    events: eventStore(journal, executions.payloads),
    mapRunStore: mapRunStore(journal, executions.payloads),
    write: (statements) => journal.write(statements),
    enqueue,
    changed,
    whenDurable,
    persist,
    flush,
    liveRun: (id) => runs.get(id),
    findExecution: (id) => runs.get(id)?.record ?? executions.byId(id),
    findByArn: (arn) => runsByArn.get(arn)?.record ?? executions.byArn(arn),
    startExecution: (request) => startExecution(engine, request),
    stopExecution: (id) => runs.get(id)?.abort({}),
    begin(record) {
      const run = track(new Run(engine, programOf(record), record));
      run.start();
      whenDurable(outbox.deliver);
      return record;
    },
    resume(stored) {
      const run = track(new Run(engine, programOf(stored.record), stored.record));
      run.continueAt(stored);
      for (const row of stored.frames) restoreFrame(run, row, executions.payloads);
      for (const { frame, slot, payload } of stored.results) {
        const results = run.frames.get(frame)?.results;
        if (results) results[slot] = executions.payloads.decode(payload);
      }
      run.watchDeadline();
      return run;
    },
    ended(run) {
      changed(run);
      runs.delete(run.record.id);
      runsByArn.delete(run.record.arn);
      tellParent(engine, run.record);
      mapRuns.childEnded(run.record);
      whenDurable(outbox.deliver);
      for (const tell of watchers.get(run.record.id) ?? []) whenDurable(() => tell(run.record));
      watchers.delete(run.record.id);
    },
    whenEnded: (id) =>
      new Promise((resolve) => {
        const record = runs.get(id)?.record ?? executions.byId(id);
        if (record && record.status !== 'RUNNING') resolve(record);
        else watchers.set(id, [...(watchers.get(id) ?? []), resolve]);
      }),
    start() {
      outbox.deliver();
      const resumed = executions.running().map((stored) => engine.resume(stored));
      for (const run of resumed) for (const frame of [...run.frames.values()]) takeUp(frame);
    },
    close() {
      for (const run of runs.values()) run.detach();
      close();
      runs.clear();
    },
    get mapRuns() {
      return mapRuns;
    },
  };
  const mapRuns = mapRunHost(engine);
  return engine;
}

/** Goes on with what a frame was at when the process ended. */
export function takeUp(frame: Frame): void {
  const { phase } = frame;
  if (phase.kind === 'ready') frame.run.host.enqueue(frame);
  else if (phase.kind === 'retrying') frame.wakeAt(phase.until, () => retry(frame));
  else frame.state.behaviour.resume?.(frame);
}

function tellParent(engine: Engine, record: ExecutionRecord): void {
  const frame = record.parent && engine.liveRun(record.parent.execution)?.frames.get(record.parent.frame);
  const target = frame?.state.behaviour.target;
  if (frame && target && frame.phase.kind === 'task' && frame.phase.child === record.id) childEnded(frame, target, record);
}

/** The machine's own program, or the processor of the Map state called `state`, wherever in the machine it is. */
function processorOf(program: Program, state: string): Program {
  if (state === '') return program;
  for (const found of processorsIn(program, state)) return found;
  throw new Error(`there is no Map state '${state}'`);
}

function* processorsIn(program: Program, state: string): Generator<Program> {
  for (const [name, { behaviour }] of program.states) {
    for (const inner of behaviour.programs ?? []) {
      if (name === state) yield inner;
      yield* processorsIn(inner, state);
    }
  }
}
