import type { ContextExtra, MapItem } from '../language/data-flow.ts';
import { isObject, type Json, type JsonObject } from '../language/json.ts';
import type { Scope } from '../language/path.ts';
import { Payload } from '../language/payload.ts';
import { StatesError } from '../language/states-error.ts';
import type { Expressions } from '../ports/expressions.ts';
import { LIMITS } from '../ports/limits.ts';
import { type EventFacts, type EventType, type Phase, READY } from '../program/execution.ts';
import type { Departure, Frame, FrameOrigin, Leaving, Program, Run, State } from '../program/program.ts';

/** One thread of control in an execution: its main line, a branch of a Parallel, or an iteration of a Map. */
export class LiveFrame implements Frame {
  readonly id: number;
  readonly program: Program;
  readonly parent: Frame | undefined;
  readonly slot: number;
  readonly item: MapItem | undefined;
  readonly run: Run;
  state: State;
  /** The input of the state as it came in. */
  received: Payload;
  assigned: Payload | undefined;
  phase: Phase = READY;
  enteredAt = 0;
  enteredId = 0;
  lastEvent: number;
  /** Attempts that each retrier of the state has used. */
  retries: number[] = [];
  /** Results of children that have ended, by slot. */
  results: (Payload | undefined)[] = [];
  children = new Set<Frame>();
  /** It has failed or was stopped; nothing moves it any more but a redrive. */
  halted = false;
  #timers: (() => void)[] = [];

  constructor(run: Run, origin: FrameOrigin, at: { state: string; received: Payload; lastEvent: number }) {
    this.run = run;
    this.id = origin.id;
    this.program = origin.program;
    this.parent = origin.parent;
    this.slot = origin.slot;
    this.item = origin.item;
    this.received = at.received;
    this.lastEvent = at.lastEvent;
    this.state = this.#find(at.state);
    this.parent?.children.add(this);
    this.assigned = this.parent?.assigned;
  }

  /** The input of the state, as the scope of its expressions. */
  get input(): Json {
    return this.received.value;
  }

  context(extra?: ContextExtra): Json {
    return contextOf(this, extra);
  }

  get variables(): JsonObject {
    const values = this.assigned?.value;
    return isObject(values) ? values : NO_VARIABLES;
  }

  get expressions(): Expressions {
    return this.run.host.expressions;
  }

  scope(extra?: ContextExtra): Scope {
    const { variables, expressions } = this;
    return { input: this.effectiveInput(), variables, expressions, context: () => this.context(extra) };
  }

  /** Sets variables, which the states after this one see. */
  assign(values: JsonObject): void {
    if (Object.keys(values).length === 0) return;
    if (!Payload.of(values).fits(LIMITS.payloadBytes)) throw variablesTooLarge(this.state.name);
    this.assigned = Payload.of({ ...this.variables, ...values });
    if (!this.assigned.fits(LIMITS.variablesBytes)) throw variablesTooLarge(this.state.name);
  }

  get retryCount(): number {
    return this.retries.reduce((total, used) => total + used, 0);
  }

  #find(name: string): State {
    const state = this.program.states.get(name);
    if (!state) throw new StatesError('States.Runtime', `there is no state '${name}'`, { fatal: true });
    return state;
  }

  /** Goes on to another state. */
  moveTo(name: string, input: Payload): void {
    this.state = this.#find(name);
    this.received = input;
    this.retries = [];
    this.become(READY);
  }

  /** Changes what the frame is at; timers of what it was at are gone. */
  become(phase: Phase): void {
    this.stopTimers();
    this.phase = phase;
    this.run.changed(this);
  }

  halt(): void {
    this.halted = true;
    this.stopTimers();
  }

  stopTimers(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers = [];
  }

  /** Calls back at `at`, unless the frame has come to something else by then. */
  wakeAt(at: number, callback: () => void): void {
    if (this.run.detached) return;
    this.#timers.push(this.run.host.clock.at(at, callback));
  }

  record(type: EventType, facts?: EventFacts, payload?: Payload): number {
    this.lastEvent = this.run.recordEvent(type, { previous: this.lastEvent, facts, payload });
    return this.lastEvent;
  }

  /** A value as a payload; the state's own input keeps the text it came with. */
  payloadOf(value: Json): Payload {
    return value === this.received.value ? this.received : Payload.of(value, this.received);
  }

  /** Evaluates InputPath. */
  effectiveInput(): Json {
    return this.state.flow.input(this);
  }

  /** Evaluates InputPath and Parameters. */
  argument(): Payload {
    const { argument } = this.state.flow;
    return this.payloadOf(argument ? argument(this.scope()) : this.effectiveInput());
  }

  /** Leaves the state with the result of its work. */
  conclude(
    result: Json,
    { next = this.state.next, conclude = this.state.flow.conclude, findings = { result } }: Leaving = {},
  ): Departure {
    const { output: value, assigned } = conclude(result, this, findings);
    const output = this.payloadOf(value);
    if (!output.fits(LIMITS.payloadBytes)) throw dataLimitExceeded(this.state.name, this);
    return { output, next, assigned };
  }
}

const NO_VARIABLES: JsonObject = {};

function variablesTooLarge(state: string): StatesError {
  return new StatesError(
    'States.DataLimitExceeded',
    `The variables that the state '${state}' assigns exceed the maximum number of bytes service limit.`,
  );
}

/** The failure of a state or task whose result is too large; `leaving` is the frame, where the state was done. */
export function dataLimitExceeded(what: string, leaving?: object): StatesError {
  return new StatesError(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    leaving ? { leaving } : {},
  );
}

const RETRYING: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);

/**
 * The context object that `$$` stands for in the state a frame is at. `extra` is what only one place of the
 * state sees.
 */
function contextOf(frame: Frame, { token, item = nearestItem(frame) }: ContextExtra = {}): Json {
  const { record } = frame.run;
  const { state } = frame;
  return {
    Execution: {
      Id: record.arn,
      Input: record.input.value,
      StartTime: new Date(record.startedAt).toISOString(),
      Name: record.name,
      RoleArn: record.roleArn,
      ...(record.express ? {} : { RedriveCount: record.redriveCount }),
    },
    StateMachine: { Id: record.machineArn, Name: record.machineName },
    State: {
      Name: state.name,
      EnteredTime: new Date(frame.enteredAt).toISOString(),
      ...(RETRYING.has(state.type) ? { RetryCount: frame.retryCount } : {}),
    },
    ...(item ? { Map: { Item: { Index: item.index, Value: item.value } } } : {}),
    ...(token === undefined ? {} : { Task: { Token: token } }),
  };
}

function nearestItem(frame: Frame): MapItem | undefined {
  for (let at: Frame | undefined = frame; at; at = at.parent) if (at.item) return at.item;
  return undefined;
}
