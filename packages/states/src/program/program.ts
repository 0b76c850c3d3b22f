import type { Conclude, ContextExtra, DataFlow, MapItem, StateScope } from '../language/data-flow.ts';
import type { FieldTable } from '../language/fields.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { Findings } from '../language/jsonata.ts';
import type { Scope } from '../language/path.ts';
import type { Payload } from '../language/payload.ts';
import type { Reader } from '../language/reader.ts';
import type { StatesError } from '../language/states-error.ts';
import type { EventFacts, EventType, ExecutionRecord, HistoryEvent, Phase, StateType } from './execution.ts';
import type { MapInspector, MapRunPlan } from './map-run.ts';
import type { CallHost, TaskTarget } from './task-target.ts';

/** A compiled machine, branch or item processor. */
export interface Program {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
  readonly timeoutSeconds: number | undefined;
}

/** A compiled state: what all types share, and the behaviour of its type. */
export interface State {
  readonly name: string;
  readonly type: StateType;
  readonly next: string | undefined;
  readonly flow: DataFlow;
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly Catcher[];
  readonly behaviour: Behaviour;
  /** The variables that it, its catchers and its rules give values to. */
  readonly assigns: readonly AssignedPlace[];
}

/** Where a definition gives a value to a variable. */
export interface AssignedPlace {
  readonly variable: string;
  readonly location: string;
}

export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly fullJitter: boolean;
}

export interface Catcher {
  readonly errors: readonly string[];
  readonly next: string;
  /** What the state hands on where the error is caught. */
  readonly conclude: Conclude;
}

/**
 * What a visit to a state came to: it is left with an output, or it waits for something and goes on later.
 */
export type Outcome = Departure | 'blocked';

export interface Departure {
  readonly output: Payload;
  readonly next: string | undefined;
  readonly assigned: JsonObject | undefined;
}

/** A state that another may lead to, and the field of that other one which names it. */
export interface Target {
  readonly name: string;
  readonly field: string;
}

/** What a type of state does. */
export interface Behaviour {
  /** What a Task calls. */
  readonly target?: TaskTarget;
  /** Starts the work; called again for every retry. */
  enter(frame: Frame): Outcome;
  /** Takes up the work that the journal says was under way. */
  resume?(frame: Frame): void;
  /** Further states that it can lead to (a Choice). */
  readonly targets?: readonly Target[];
  /** The branches, or the one item processor. */
  readonly programs?: readonly Program[];
  /** What a Map makes of its items, for who tests it. */
  readonly inspector?: MapInspector;
  /** The programs run apart, and see no variables of this one. */
  readonly isolated?: boolean;
  /** A child has ended well. */
  childSucceeded?(frame: Frame, child: Frame, output: Payload): Outcome;
  /** A child has failed; may throw what the state fails with. */
  childFailed?(frame: Frame, child: Frame, error: StatesError): Outcome;
  /** No retry is left: the history says so before a catcher or the end. */
  gaveUp?(frame: Frame, error: StatesError): void;
  /** Goes on after a redrive. Without it the work is attempted again. */
  redrive?(frame: Frame): void;
  /** The state is ended from outside: whatever runs for it stops. */
  abandon?(frame: Frame): void;
}

/** A type of state: which fields it has, and how they make its behaviour. */
export interface StateKind {
  /** The fields that only states of its type have. */
  readonly fields: FieldTable;
  /** It has `Next` or `End`. */
  readonly moves: boolean;
  /** It has `Retry` and `Catch`. */
  readonly recovers: boolean;
  /** `compileProgram` compiles the branches or the item processor of the state. */
  compile(state: Reader, compileProgram: (source: Reader) => Program): Behaviour;
}

/** Where a frame comes from. */
export interface FrameOrigin {
  readonly id: number;
  readonly program: Program;
  readonly parent: Frame | undefined;
  /** Which branch or iteration of the parent's state it is. */
  readonly slot: number;
  readonly item: MapItem | undefined;
}

/** One thread of control in an execution: its main line, a branch of a Parallel, or an iteration of a Map. */
export interface Frame extends FrameOrigin, Scope, StateScope {
  readonly run: Run;
  readonly state: State;
  /** The input of the state as it came in. */
  readonly received: Payload;
  /** Names and values of the variables, those from around its program included. Undefined: there are none. */
  assigned: Payload | undefined;
  phase: Phase;
  enteredAt: number;
  enteredId: number;
  lastEvent: number;
  /** Attempts that each retrier of the state has used. */
  retries: number[];
  readonly retryCount: number;
  /** Results of children that have ended, by slot. */
  results: (Payload | undefined)[];
  readonly children: Set<Frame>;
  /** It has failed or was stopped; nothing moves it any more but a redrive. */
  readonly halted: boolean;
  context(extra?: ContextExtra): Json;
  /** Goes on to another state. */
  moveTo(name: string, input: Payload): void;
  /** Changes what the frame is at; timers of what it was at are gone. */
  become(phase: Phase): void;
  halt(): void;
  stopTimers(): void;
  /** Calls back at `at`, unless the frame has come to something else by then. */
  wakeAt(at: number, callback: () => void): void;
  /** Appends to the history; gives the number of the event. */
  record(type: EventType, facts?: EventFacts, payload?: Payload): number;
  /** A value as a payload; the state's own input keeps the text it came with. */
  payloadOf(value: Json): Payload;
  /** Evaluates InputPath and Parameters. */
  argument(): Payload;
  /** Leaves the state with the result of its work. */
  conclude(result: Json, how?: Leaving): Departure;
  /** Sets variables, which the states after this one see. */
  assign(values: JsonObject): void;
}

/** How a state is left, where that is not what its data flow says. */
export interface Leaving {
  readonly next?: string;
  readonly conclude?: Conclude | undefined;
  readonly findings?: Findings;
}

/** An execution that has not ended. */
export interface Run {
  readonly host: Host;
  readonly program: Program;
  readonly record: ExecutionRecord;
  readonly frames: ReadonlyMap<number, Frame>;
  readonly live: boolean;
  /** The engine has let go of it: what is answered now sets no timers. */
  readonly detached: boolean;
  unsaved: Unsaved;
  readonly nextFrame: number;
  readonly lastEvent: number;
  /** A new thread of control at the first state of a program. */
  spawn(origin: Omit<FrameOrigin, 'id'>, received: Payload, lastEvent: number): Frame;
  /** A thread of control that the journal knows. */
  adopt(origin: FrameOrigin, at: { state: string; received: Payload; lastEvent: number }): Frame;
  /** Takes a thread of control out for good. */
  drop(frame: Frame): void;
  /** The frame differs from the journal. */
  changed(frame: Frame): void;
  /** Appends to the history; the last number that the service allows is kept for the end. */
  recordEvent(type: EventType, event: RecordedEvent): number;
  succeed(output: Payload, previous: number): void;
  fail(error: StatesError, previous: number): void;
  abort(reason: { error?: string | undefined; cause?: string | undefined }): void;
  /** Has the statements run in the step of the journal that writes what is the case now. */
  writeAlso(statements: () => void): void;
}

export interface RecordedEvent {
  readonly previous: number;
  readonly facts?: EventFacts | undefined;
  readonly payload?: Payload | undefined;
}

/** What the journal has not seen yet. */
export class Unsaved {
  /** The record itself differs, not only its progress. */
  record = false;
  /** Threads of control have got numbers. */
  numbered = false;
  events: HistoryEvent[] = [];
  frames = new Set<Frame>();
  gone: number[] = [];
  results: SavedResult[] = [];
  /** Frames whose results are of no use any more. */
  cleared: number[] = [];
  /** Further statements that belong to the same step. */
  also: (() => void)[] = [];
}

/** The result of a child frame, for the journal. */
interface SavedResult {
  readonly frame: number;
  readonly slot: number;
  readonly payload: Payload;
}

/** What an execution asks of the engine that it runs in. */
export interface Host extends CallHost {
  /** The frame can go on; it does so in this turn of the event loop or in a later one. */
  enqueue(frame: Frame): void;
  /** Something of the run differs from the journal. */
  changed(run: Run): void;
  /** Calls back when everything that has happened so far survives a crash. Work outside starts only then. */
  whenDurable(callback: () => void): void;
  /** The run has come to its end. */
  ended(run: Run): void;
  stopExecution(id: number): void;
  readonly mapRuns: MapRunHost;
  /** Milliseconds that the frame waits before it enters a state; it waits once. */
  readonly pace?: ((frame: Frame) => number) | undefined;
  /** Takes the place of what tasks call, in a state that is tested: gives a result or throws. */
  readonly mock?: (() => Json) | undefined;
}

/** Distributed maps, as a Map state sees them. */
export interface MapRunHost {
  /** Starts a map run for the state that the frame is at; throws what the state fails with. */
  open(frame: Frame, plan: MapRunPlan): Outcome;
  /** Takes up the work of a map run that the journal has. */
  resume(frame: Frame, plan: MapRunPlan, mapRun: number): void;
  /**
   * Goes on with a map run that has not succeeded: with the children that have not, and with those that were
   * never started.
   */
  redrive(frame: Frame, plan: MapRunPlan, mapRun: number): void;
  abort(mapRun: number): void;
  /** A child of a map run has ended. */
  childEnded(child: ExecutionRecord): void;
  arnOf(mapRun: number): string;
  /** Throws `ResourceNotFound` for an ARN of no map run. */
  idOf(arn: string): number;
}
