import type { Payload } from '../language/payload.ts';
import { StatesError } from '../language/states-error.ts';
import { LIMITS } from '../ports/limits.ts';
import type { EventType, ExecutionRecord, ExecutionStatus } from '../program/execution.ts';
import {
  type Frame,
  type FrameOrigin,
  type Host,
  type Program,
  type RecordedEvent,
  type Run,
  Unsaved,
} from '../program/program.ts';
import { LiveFrame } from './frame.ts';

/** How an execution ends. */
interface Ending {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly event: EventType;
  readonly previous: number;
  readonly output?: Payload;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** An execution that has not ended. */
export class LiveRun implements Run {
  readonly host: Host;
  readonly program: Program;
  readonly record: ExecutionRecord;
  readonly frames = new Map<number, LiveFrame>();
  unsaved = new Unsaved();
  nextFrame = 1;
  lastEvent = 0;
  /** The engine has let go of it: what is answered now sets no timers. */
  detached = false;
  #cancelDeadline: (() => void) | undefined;

  constructor(host: Host, program: Program, record: ExecutionRecord) {
    this.host = host;
    this.program = program;
    this.record = record;
  }

  /** Where threads and events are numbered on from, in an execution that the journal knows. */
  continueAt({ nextFrame, lastEvent }: { nextFrame: number; lastEvent: number }): void {
    this.nextFrame = nextFrame;
    this.lastEvent = lastEvent;
  }

  get live(): boolean {
    return this.record.status === 'RUNNING';
  }

  /** Begins at the machine's first state. */
  start(): void {
    const { input, roleArn, versionArn, aliasArn } = this.record;
    this.unsaved.record = true;
    this.recordEvent('ExecutionStarted', {
      previous: 0,
      facts: { roleArn, stateMachineVersionArn: versionArn, stateMachineAliasArn: aliasArn },
      payload: input,
    });
    this.watchDeadline();
    this.host.enqueue(
      this.spawn({ program: this.program, parent: undefined, slot: 0, item: undefined }, input, 0),
    );
  }

  /** A new thread of control at the first state of a program. */
  spawn(origin: Omit<FrameOrigin, 'id'>, received: Payload, lastEvent: number): Frame {
    const frame = this.adopt(
      { ...origin, id: this.nextFrame },
      { state: origin.program.startAt, received, lastEvent },
    );
    this.changed(frame);
    return frame;
  }

  /** A thread of control that the journal knows. */
  adopt(origin: FrameOrigin, at: { state: string; received: Payload; lastEvent: number }): Frame {
    const frame = new LiveFrame(this, origin, at);
    this.frames.set(origin.id, frame);
    this.nextFrame = Math.max(this.nextFrame, origin.id + 1);
    this.unsaved.numbered = true;
    return frame;
  }

  /** Takes a thread of control out for good. */
  drop(frame: Frame): void {
    frame.halt();
    frame.parent?.children.delete(frame);
    this.frames.delete(frame.id);
    this.unsaved.frames.delete(frame);
    this.unsaved.gone.push(frame.id);
    this.host.changed(this);
  }

  changed(frame: Frame): void {
    this.unsaved.frames.add(frame);
    this.host.changed(this);
  }

  /** Appends to the history; the last number that the service allows is kept for the end. */
  recordEvent(type: EventType, { previous, facts, payload }: RecordedEvent): number {
    const id = this.lastEvent + 1;
    if (id >= LIMITS.historyEvents && this.live) throw historyFull();
    this.lastEvent = id;
    this.unsaved.events.push({ id, previous, at: this.host.clock.now(), type, facts, payload });
    return id;
  }

  /** Time that the whole execution has. */
  watchDeadline(): void {
    const { timeoutSeconds = Number.POSITIVE_INFINITY } = this.program;
    const seconds = this.record.express ? Math.min(timeoutSeconds, LIMITS.expressSeconds) : timeoutSeconds;
    if (seconds === Number.POSITIVE_INFINITY) return;
    const since = this.record.redrivenAt ?? this.record.startedAt;
    this.#cancelDeadline = this.host.clock.at(since + seconds * 1000, () => this.timeOut());
  }

  succeed(output: Payload, previous: number): void {
    this.#end({ status: 'SUCCEEDED', event: 'ExecutionSucceeded', previous, output });
  }

  fail({ code, reason }: StatesError, previous: number): void {
    this.#end({
      status: 'FAILED',
      event: 'ExecutionFailed',
      previous,
      error: code ?? undefined,
      cause: reason ?? undefined,
    });
  }

  abort({ error, cause }: Parameters<Run['abort']>[0]): void {
    this.#end({ status: 'ABORTED', event: 'ExecutionAborted', previous: this.lastEvent, error, cause });
  }

  timeOut(): void {
    this.#end({
      status: 'TIMED_OUT',
      event: 'ExecutionTimedOut',
      previous: this.lastEvent,
      error: 'States.Timeout',
    });
  }

  /** Stops every thread and what runs for it outside. */
  #end({ status, event, previous, output, error, cause }: Ending): void {
    if (!this.live) return;
    Object.assign(this.record, { status, stoppedAt: this.host.clock.now(), output, error, cause });
    this.unsaved.record = true;
    this.#cancelDeadline?.();
    for (const frame of this.frames.values()) {
      frame.stopTimers();
      frame.state.behaviour.abandon?.(frame);
    }
    this.recordEvent(event, { previous, facts: output ? undefined : { error, cause }, payload: output });
    if (status === 'SUCCEEDED') for (const frame of [...this.frames.values()]) this.drop(frame);
    this.host.ended(this);
  }

  /** Has the statements run in the step of the journal that writes what is the case now. */
  writeAlso(statements: () => void): void {
    this.unsaved.also.push(statements);
    this.host.changed(this);
  }

  /** Lets go of everything in memory without touching the journal: the engine closes. */
  detach(): void {
    this.detached = true;
    this.#cancelDeadline?.();
    for (const frame of this.frames.values()) frame.stopTimers();
  }
}

function historyFull(): StatesError {
  const reason = `The execution reached the maximum number of history events (${LIMITS.historyEvents}).`;
  return new StatesError('States.Runtime', reason, { fatal: true });
}
