import { randomUUID } from 'node:crypto';
import { callError } from '../integrations/service-call.ts';
import { START_EXECUTION } from '../integrations/start-execution.ts';
import { transform, writeResults } from '../kinds/result-writer.ts';
import type { Json } from '../language/json.ts';
import { Payload } from '../language/payload.ts';
import { StatesError } from '../language/states-error.ts';
import { LIMITS } from '../ports/limits.ts';
import type { Objects } from '../ports/services.ts';
import type { ExecutionRecord } from '../program/execution.ts';
import {
  type ItemReader,
  isExceeded,
  type MapRunPlan,
  type MapRunRecord,
  type MapRunSettings,
  type MapUnit,
  unitsOf,
  type WriterPlan,
} from '../program/map-run.ts';
import type { Frame, Outcome } from '../program/program.ts';
import { settle } from '../run/advance.ts';
import { dataLimitExceeded } from '../run/frame.ts';
import { executionArn, expressArn } from './arns.ts';
import type { EngineCore } from './core.ts';
import { objectsOfRole } from './role-objects.ts';
import { FRESH } from './start-execution.ts';

/** Children that one process keeps going at once; the service itself allows 10,000. */
const MOST_AT_ONCE = 1_000;

/** A map run that goes on: starts children, counts how they end, and hands the state its result. */
export class MapRun {
  readonly record: MapRunRecord;
  readonly running = new Set<number>();
  /** Items that have failed, been stopped or timed out. */
  failedItems = 0;
  #next = 0;
  #units: readonly MapUnit[] = [];
  #ending = false;
  readonly #engine: EngineCore;
  readonly #frame: Frame;
  readonly #plan: MapRunPlan;
  readonly #closed: () => void;

  constructor(
    record: MapRunRecord,
    {
      engine,
      frame,
      plan,
      closed,
    }: { engine: EngineCore; frame: Frame; plan: MapRunPlan; closed: () => void },
  ) {
    this.record = record;
    this.#engine = engine;
    this.#frame = frame;
    this.#plan = plan;
    this.#closed = closed;
  }

  /** Starts from nothing. */
  begin(): Outcome {
    this.#save();
    return this.#start();
  }

  /** Goes on from what the journal knows about the children. */
  resume(children: readonly ExecutionRecord[]): void {
    const { units } = this.record;
    if (!units) {
      settle(this.#frame, () => this.#start());
      return;
    }
    this.#units = unitsOf(units);
    this.#save();
    for (const child of children) {
      this.#next = Math.max(this.#next, (child.place ?? 0) + 1);
      if (child.status === 'RUNNING') this.running.add(child.id);
      else if (child.status !== 'SUCCEEDED') this.failedItems += this.#itemsOf(child);
    }
    settle(this.#frame, () => this.proceed());
  }

  childEnded(child: ExecutionRecord): void {
    this.running.delete(child.id);
    if (child.status !== 'SUCCEEDED') this.failedItems += this.#itemsOf(child);
    if (!this.#ending) settle(this.#frame, () => this.proceed());
  }

  /** Starts what may be started; ends the run when there is nothing left, or when too much has failed. */
  proceed(): Outcome {
    if (this.#ending) return 'blocked';
    const { settings, total } = this.record;
    if (isExceeded(settings, { failed: this.failedItems, total })) return this.#conclude(toleranceExceeded());
    try {
      this.#startChildren();
    } catch (error) {
      return this.#fail(error);
    }
    return this.running.size === 0 ? this.#conclude(undefined) : 'blocked';
  }

  /** Children are executions of the same machine, which its own role has to start. */
  #requireStart(): void {
    const { roleArn, name: session, machineArn } = this.#frame.run.record;
    const input = { StateMachineArn: machineArn };
    try {
      this.#engine.rights.require({ roleArn, session, api: 'states:startExecution', input });
    } catch (error) {
      throw callError(error, START_EXECUTION);
    }
  }

  #startChildren(): void {
    if (this.#next === 0) this.#requireStart();
    const atOnce = Math.min(this.record.settings.maxConcurrency || MOST_AT_ONCE, MOST_AT_ONCE);
    for (
      let unit = this.#units[this.#next];
      unit && this.running.size < atOnce;
      unit = this.#units[this.#next]
    ) {
      const child = childRecord(this.#engine, {
        run: this.record,
        parent: this.#frame.run.record,
        place: this.#next,
        input: unit.input,
      });
      this.#next += 1;
      this.running.add(child.id);
      this.#engine.begin(child);
    }
  }

  /** Ends children and run, because the state has been ended from outside. */
  abort(): void {
    this.#ending = true;
    this.#close('ABORTED');
  }

  update(settings: Partial<MapRunSettings>): void {
    this.record.settings = { ...this.record.settings, ...settings };
    this.#save();
    settle(this.#frame, () => this.proceed());
  }

  #start(): Outcome {
    return this.#plan.read ? this.#readItems(this.#plan.read) : this.#fill(this.#plan.items(this.#frame));
  }

  #readItems(read: ItemReader): Outcome {
    this.#engine.whenDurable(() => {
      read(this.#frame)({ objects: this.#objects(), clock: this.#engine.clock }).then(
        (items) => settle(this.#frame, () => this.#fill(items)),
        (error: unknown) => settle(this.#frame, () => this.#fail(error)),
      );
    });
    return 'blocked';
  }

  #fill(items: readonly Json[]): Outcome {
    try {
      this.#units = this.#plan.batch(this.#frame)(items);
    } catch (error) {
      return this.#fail(error);
    }
    this.record.units = Payload.of(this.#units.map(({ input, items: count }) => ({ input, items: count })));
    this.record.total = items.length;
    this.#save();
    return this.proceed();
  }

  /** Hands results to the writer, if there is one, and then leaves the state or fails it. */
  #conclude(error: StatesError | undefined): Outcome {
    this.#ending = true;
    for (const id of this.running) this.#engine.stopExecution(id);
    const writer = this.#plan.writer?.(this.#frame);
    if (!writer?.bucket) return error ? this.#fail(error) : this.#succeed(this.#outputs(writer));
    const release = this.#engine.clock.hold();
    this.#engine.whenDurable(() => {
      const run = {
        arn: this.record.arn,
        children: this.#children(),
        pending: this.#units.slice(this.#next).map(({ input }) => ({ Input: JSON.stringify(input) })),
      };
      writeResults(this.#objects(), writer, run)
        .then(
          (result) => settle(this.#frame, () => (error ? this.#fail(error) : this.#succeed(result))),
          (failure: unknown) => settle(this.#frame, () => this.#fail(failure)),
        )
        .finally(release);
    });
    return 'blocked';
  }

  #objects(): Objects {
    return objectsOfRole(this.#engine, this.#frame.run.record);
  }

  #children(): readonly ExecutionRecord[] {
    this.#engine.persist();
    return this.#engine.executions.childrenOf(this.record.id);
  }

  #outputs(writer: WriterPlan | undefined): Json {
    const succeeded = this.#children().filter(({ status }) => status === 'SUCCEEDED');
    return transform(succeeded, writer?.transformation ?? 'COMPACT');
  }

  #succeed(result: Json): Outcome {
    this.#close('SUCCEEDED');
    this.#frame.record('MapRunSucceeded');
    this.#frame.record('MapStateSucceeded');
    return this.#frame.conclude(result);
  }

  #fail(error: unknown): Outcome {
    this.#ending = true;
    this.#close('FAILED');
    if (error instanceof StatesError)
      this.#frame.record('MapRunFailed', { error: error.code, cause: error.reason });
    throw error;
  }

  #close(status: 'SUCCEEDED' | 'FAILED' | 'ABORTED'): void {
    this.record.status = status;
    this.record.stoppedAt = this.#engine.clock.now();
    for (const id of [...this.running]) this.#engine.stopExecution(id);
    this.#save();
    this.#closed();
  }

  #itemsOf(child: ExecutionRecord): number {
    return this.#units[child.place ?? -1]?.items ?? 1;
  }

  #save(): void {
    const snapshot = { ...this.record };
    this.#frame.run.writeAlso(() => this.#engine.mapRunStore.save(snapshot));
  }
}

/** More items have failed than may. */
export function toleranceExceeded(): StatesError {
  return new StatesError(
    'States.ExceedToleratedFailureThreshold',
    'The specified tolerated failure threshold was exceeded',
  );
}

/** The record of a new child of a map run. */
export function childRecord(
  engine: EngineCore,
  of: { run: MapRunRecord; parent: ExecutionRecord; place: number; input: Json },
): ExecutionRecord {
  const { run, parent, place, input } = of;
  const { express, label } = run.settings;
  const name = randomUUID();
  const machine = `${parent.machineName}/${label}`;
  const payload = Payload.of(input);
  if (!payload.fits(LIMITS.payloadBytes)) throw dataLimitExceeded(run.state);
  return {
    ...parent,
    ...FRESH,
    id: engine.executions.nextId(),
    arn: express
      ? expressArn(engine, { machine, name, id: randomUUID() })
      : executionArn(engine, machine, name),
    name,
    express,
    input: payload,
    startedAt: engine.clock.now(),
    program: run.state,
    parent: undefined,
    mapRun: run.id,
    place,
  };
}
