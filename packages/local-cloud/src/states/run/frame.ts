import type { MapItem, Outcome, Program, State } from '../definition/program.ts';
import type { Json } from '../language/json.ts';
import type { Scope } from '../language/path.ts';
import { Payload } from '../language/payload.ts';
import { LIMITS } from '../limits.ts';
import { StatesError } from '../states-error.ts';
import { contextOf } from './context.ts';
import type { EventFacts, EventType } from './history.ts';
import { type Phase, READY } from './phase.ts';
import type { Run } from './run.ts';

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
export class Frame implements FrameOrigin, Scope {
  readonly id: number;
  readonly program: Program;
  readonly parent: Frame | undefined;
  readonly slot: number;
  readonly item: MapItem | undefined;
  readonly run: Run;
  state: State;
  /** The input of the state as it came in. */
  received: Payload;
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
  }

  /** The input of the state, as the scope of its expressions. */
  get input(): Json {
    return this.received.value;
  }

  context(): Json {
    return contextOf(this);
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
    return value === this.received.value ? this.received : Payload.of(value);
  }

  /** Evaluates InputPath. */
  effectiveInput(): Json {
    return this.state.flow.input(this);
  }

  /** Evaluates InputPath and Parameters. */
  argument(): Payload {
    const input = this.effectiveInput();
    const { argument } = this.state.flow;
    return this.payloadOf(argument ? argument({ input, context: () => this.context() }) : input);
  }

  /** Leaves the state with the result of its work. */
  conclude(result: Json, next = this.state.next): Outcome {
    const output = this.payloadOf(this.state.flow.output(result, this));
    if (!output.fits(LIMITS.payloadBytes)) throw dataLimitExceeded(this.state.name);
    return { output, next };
  }
}

/** The failure of a state or task whose result is too large. */
export function dataLimitExceeded(what: string): StatesError {
  return new StatesError(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
