import { randomUUID } from 'node:crypto';
import type { TaskPhase } from '../program/execution.ts';
import type { Frame, Run } from '../program/program.ts';
import type { TaskTarget } from '../program/task-target.ts';

/** Where a token leads. */
export interface TokenAddress {
  readonly execution: number;
  readonly frame: number;
}

/** A token that nobody can guess and that leads to its task without a look-up. */
export function newTaskToken(frame: Frame): string {
  return Buffer.from(JSON.stringify([frame.run.record.id, frame.id, randomUUID()])).toString('base64url');
}

/** Undefined: no token of this engine. */
export function addressOf(token: string): TokenAddress | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const [execution, frame, secret]: unknown[] = Array.isArray(parts) ? parts : [];
    return typeof execution === 'number' && typeof frame === 'number' && typeof secret === 'string'
      ? { execution, frame }
      : undefined;
  } catch {
    return undefined; // a text that was never a token
  }
}

/** The runs that are in memory. */
export interface LiveRuns {
  liveRun(id: number): Run | undefined;
}

/** A task that waits for an answer to its token. */
export interface WaitingTask {
  readonly frame: Frame;
  readonly target: TaskTarget;
  readonly phase: TaskPhase;
}

/** The task that a token leads to. Undefined: it does not wait any more. */
export function waitingTask(runs: LiveRuns, token: string): WaitingTask | undefined {
  const address = addressOf(token);
  const frame = address && runs.liveRun(address.execution)?.frames.get(address.frame);
  const target = frame?.state.behaviour.target;
  if (!frame || frame.halted || !target || frame.phase.kind !== 'task' || frame.phase.token !== token)
    return undefined;
  return { frame, target, phase: frame.phase };
}
