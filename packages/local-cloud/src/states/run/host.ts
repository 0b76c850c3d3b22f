import type { Clock, EventBus, Functions, Items, Journal, Objects } from '../../ports.ts';
import type { Outcome } from '../definition/program.ts';
import type { Payload } from '../language/payload.ts';
import type { MapRunPlan } from '../maprun/map-run-plan.ts';
import type { ExecutionRecord, ParentTask } from './execution-record.ts';
import type { Frame } from './frame.ts';
import type { Run } from './run.ts';

/** The services that integrations call. */
export interface Services {
  readonly functions: Functions;
  readonly objects: Objects;
  readonly bus: EventBus;
  readonly items: Items;
  readonly account: string;
  readonly region: string;
  /** A number of [0, 1), for jitter. */
  readonly random: () => number;
}

/** Everything that the engine needs from outside. */
export interface EngineDeps extends Services {
  readonly journal: Journal;
  readonly clock: Clock;
}

/** What an execution asks of the engine that it runs in. */
export interface Host extends Services {
  readonly clock: Clock;
  /** The frame can go on; it does so in this turn of the event loop or in a later one. */
  enqueue(frame: Frame): void;
  /** Something of the run differs from the journal. */
  changed(run: Run): void;
  /** Calls back when everything that has happened so far survives a crash. Work outside starts only then. */
  whenDurable(callback: () => void): void;
  /** The run has come to its end. */
  ended(run: Run): void;
  /** Starts another execution, for a task. Throws an `ApiError` as StartExecution would. */
  startExecution(input: StartRequest): ExecutionRecord;
  /** What is known of an execution, also of one that has ended. */
  findExecution(id: number): ExecutionRecord | undefined;
  stopExecution(id: number): void;
  readonly mapRuns: MapRunHost;
  readonly activities: ActivityHost;
}

export interface StartRequest {
  /** A machine, version or alias. */
  readonly machineArn: string;
  readonly name: string | undefined;
  readonly input: Payload;
  readonly parent: ParentTask | undefined;
}

/** Activities, as a task sees them. */
export interface ActivityHost {
  exists(arn: string): boolean;
  /** Has a worker take the task that the token leads to. */
  offer(arn: string, token: string): void;
}

/** Distributed maps, as a Map state sees them. */
export interface MapRunHost {
  /** Starts a map run for the state that the frame is at; throws what the state fails with. */
  open(frame: Frame, plan: MapRunPlan): Outcome;
  /** Takes up the work of a map run that the journal has. */
  resume(frame: Frame, plan: MapRunPlan, mapRun: number): void;
  /** Goes on with a map run that has not succeeded: with the children that have not, and with those that were never started. */
  redrive(frame: Frame, plan: MapRunPlan, mapRun: number): void;
  abort(mapRun: number): void;
  /** A child of a map run has ended. */
  childEnded(child: ExecutionRecord): void;
  arnOf(mapRun: number): string;
  /** Throws `ResourceNotFound` for an ARN of no map run. */
  idOf(arn: string): number;
}
