import type { Payload } from '../language/payload.ts';
import type { ChildrenPhase, EventType } from '../program/execution.ts';
import type { Frame } from '../program/program.ts';

/** The children phase of a frame; a frame whose children report is always in it. */
export function childrenPhase(frame: Frame): ChildrenPhase {
  if (frame.phase.kind === 'children') return frame.phase;
  throw new Error(`frame ${frame.id} of ${frame.run.record.arn} has no children`);
}

/** Keeps the result of a child that has ended well. */
export function keepResult(frame: Frame, child: Frame, output: Payload): void {
  frame.results[child.slot] = output;
  frame.lastEvent = child.lastEvent;
  frame.run.unsaved.results.push({ frame: frame.id, slot: child.slot, payload: output });
}

/** The results in the order of their slots; the frame needs them no longer. */
export function takeResults(frame: Frame): Payload[] {
  const results = frame.results.filter((result) => result !== undefined);
  forgetResults(frame);
  return results;
}

function forgetResults(frame: Frame): void {
  if (frame.results.length === 0) return;
  frame.results = [];
  frame.run.unsaved.cleared.push(frame.id);
}

const ABORTED: Readonly<Record<string, EventType>> = {
  Task: 'TaskStateAborted',
  Wait: 'WaitStateAborted',
  Parallel: 'ParallelStateAborted',
  Map: 'MapStateAborted',
};

/**
 * Stops the children that still run, because one of them has failed. They stay where they are: a redrive goes
 * on from there.
 */
export function haltChildren(frame: Frame, halted?: (child: Frame) => void): void {
  for (const child of frame.children) {
    if (child.halted) continue;
    haltChildren(child);
    child.state.behaviour.abandon?.(child);
    const event = child.phase.kind === 'ready' ? undefined : ABORTED[child.state.type];
    if (event) child.record(event);
    halted?.(child);
    frame.lastEvent = child.lastEvent;
    child.halt();
  }
}

/** Takes out what is left of the children and their results, before the state runs anew or is left. */
export function discardChildren(frame: Frame): void {
  for (const child of [...frame.children]) {
    discardChildren(child);
    frame.run.drop(child);
  }
  forgetResults(frame);
}
