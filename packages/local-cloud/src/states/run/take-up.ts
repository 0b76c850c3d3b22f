import { retry } from './advance.ts';
import type { Engine } from './engine.ts';
import type { ExecutionRecord } from './execution-record.ts';
import type { Frame } from './frame.ts';
import { childEnded } from './task-work.ts';

/** Goes on with what a frame was at when the process ended. */
export function takeUp(frame: Frame): void {
  const { phase } = frame;
  if (phase.kind === 'ready') frame.run.host.enqueue(frame);
  else if (phase.kind === 'retrying') frame.wakeAt(phase.until, () => retry(frame));
  else frame.state.behaviour.resume?.(frame);
}

/** Hands the end of an execution to the task that waits for it. */
export function tellParent(engine: Engine, record: ExecutionRecord): void {
  const frame = record.parent && engine.liveRun(record.parent.execution)?.frames.get(record.parent.frame);
  const target = frame?.state.behaviour.target;
  if (frame && target && frame.phase.kind === 'task' && frame.phase.child === record.id) childEnded(frame, target, record);
}
