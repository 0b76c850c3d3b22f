import type { StoredRun } from '../store/execution-store.ts';
import { retry } from './advance.ts';
import { discardChildren } from './children.ts';
import type { Engine } from './engine.ts';
import type { Frame } from './frame.ts';
import { READY } from './phase.ts';
import type { Run } from './run.ts';

/** Has an execution go on that has not succeeded: every thread of control at the state it was stopped in, and nothing that was done is done again. */
export function redrive(engine: Engine, stored: StoredRun): Run {
  const { record } = stored;
  Object.assign(record, { status: 'RUNNING', stoppedAt: undefined, error: undefined, cause: undefined });
  record.redriveCount += 1;
  record.redrivenAt = engine.clock.now();
  const run = engine.resume(stored);
  run.unsaved.record = true;
  run.recordEvent('ExecutionRedriven', { previous: run.lastEvent, facts: { redriveCount: record.redriveCount } });
  engine.announce(run);
  for (const frame of [...run.frames.values()]) if (frame.children.size === 0) again(frame);
  return run;
}

/** A map run goes on with what has failed; other work is attempted again, and a state without work is entered again. */
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
