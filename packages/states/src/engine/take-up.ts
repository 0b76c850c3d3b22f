import { type ExecutionRecord, READY } from '../program/execution.ts';
import type { Frame, Run } from '../program/program.ts';
import { retry } from '../run/advance.ts';
import { discardChildren } from '../run/children.ts';
import { childEnded } from '../run/task-work.ts';
import type { StoredRun } from '../store/execution-store.ts';
import type { EngineCore } from './core.ts';

/** Goes on with what a frame was at when the process ended. */
export function takeUp(frame: Frame): void {
  const { phase } = frame;
  if (phase.kind === 'ready') frame.run.host.enqueue(frame);
  else if (phase.kind === 'retrying') frame.wakeAt(phase.until, () => retry(frame));
  else frame.state.behaviour.resume?.(frame);
}

/** Hands the end of an execution to the task that waits for it. */
export function tellParent(engine: EngineCore, record: ExecutionRecord): void {
  const frame = record.parent && engine.liveRun(record.parent.execution)?.frames.get(record.parent.frame);
  const target = frame?.state.behaviour.target;
  if (frame && target && frame.phase.kind === 'task' && frame.phase.child === record.id)
    childEnded(frame, target, record);
}

/**
 * Has an execution go on that has not succeeded: every thread of control at the state it was stopped in, and
 * nothing that was done is done again.
 */
export function redrive(engine: EngineCore, stored: StoredRun): Run {
  const { record } = stored;
  Object.assign(record, { status: 'RUNNING', stoppedAt: undefined, error: undefined, cause: undefined });
  record.redriveCount += 1;
  record.redrivenAt = engine.clock.now();
  const run = engine.resume(stored);
  run.unsaved.record = true;
  run.recordEvent('ExecutionRedriven', {
    previous: run.lastEvent,
    facts: { redriveCount: record.redriveCount },
  });
  engine.announce(run);
  for (const frame of [...run.frames.values()]) if (frame.children.size === 0) again(frame);
  return run;
}

/**
 * A map run goes on with what has failed; other work is attempted again, and a state without work is entered
 * again.
 */
function again(frame: Frame): void {
  const { behaviour, type } = frame.state;
  frame.retries = [];
  frame.lastEvent = frame.run.lastEvent;
  if (frame.phase.kind === 'mapRun' && behaviour.redrive) {
    behaviour.redrive(frame);
    return;
  }
  discardChildren(frame);
  frame.become(READY);
  if (type === 'Task' || type === 'Map' || type === 'Parallel') retry(frame);
  else frame.run.host.enqueue(frame);
}
