import type { TaskTarget } from '../integrations/integration.ts';
import type { Engine } from './engine.ts';
import type { Frame } from './frame.ts';
import type { TaskPhase } from './phase.ts';
import { addressOf } from './task-token.ts';

/** A task that waits for an answer to its token. */
export interface WaitingTask {
  readonly frame: Frame;
  readonly target: TaskTarget;
  readonly phase: TaskPhase;
}

/** The task that a token leads to. Undefined: it does not wait any more. */
export function waitingTask(engine: Engine, token: string): WaitingTask | undefined {
  const address = addressOf(token);
  const frame = address && engine.liveRun(address.execution)?.frames.get(address.frame);
  const target = frame?.state.behaviour.target;
  if (!frame || frame.halted || !target || frame.phase.kind !== 'task' || frame.phase.token !== token) return undefined;
  return { frame, target, phase: frame.phase };
}
