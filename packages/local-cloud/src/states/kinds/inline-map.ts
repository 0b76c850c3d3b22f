import type { Behaviour, Outcome, Program } from '../definition/program.ts';
import { LIMITS } from '../limits.ts';
import { childrenPhase, haltChildren, keepResult, takeResults } from '../run/children.ts';
import { dataLimitExceeded, type Frame } from '../run/frame.ts';
import type { ItemSource } from './item-source.ts';

/** A Map whose iterations are threads of the same execution and share its history. */
export function inlineMap(program: Program, source: ItemSource): Behaviour {
  /** Starts iterations while there is room; ends the state when all have ended. */
  const launch = (frame: Frame): Outcome => {
    const phase = childrenPhase(frame);
    const items = source.items(frame);
    let { started } = phase;
    for (; started < phase.total && frame.children.size < phase.atOnce; started += 1) {
      startIteration(frame, { program, source, index: started, value: items[started] ?? null });
    }
    if (started > phase.started) frame.become({ ...phase, started });
    return frame.children.size > 0 ? 'blocked' : finish(frame);
  };
  return {
    programs: [program],
    enter(frame) {
      const total = source.items(frame).length;
      const atOnce = Math.min(source.maxConcurrency(frame) || LIMITS.mapInlineConcurrency, LIMITS.mapInlineConcurrency);
      frame.record('MapStateStarted', { length: total });
      frame.become({ kind: 'children', argument: frame.received, started: 0, total, atOnce });
      return launch(frame);
    },
    childSucceeded(frame, child, output) {
      child.record('MapIterationSucceeded', { name: frame.state.name, index: child.slot });
      keepResult(frame, child, output);
      return launch(frame);
    },
    childFailed(frame, child, error) {
      frame.lastEvent = child.record('MapIterationFailed', { name: frame.state.name, index: child.slot });
      haltChildren(frame, (other) => other.record('MapIterationAborted', { name: frame.state.name, index: other.slot }));
      throw error;
    },
    gaveUp: (frame) => void frame.record('MapStateFailed'),
  };
}

function startIteration(frame: Frame, of: { program: Program; source: ItemSource; index: number; value: NonNullable<Frame['item']>['value'] }): void {
  const item = { index: of.index, value: of.value };
  const input = frame.payloadOf(of.source.select(frame, item));
  if (!input.fits(LIMITS.payloadBytes)) throw dataLimitExceeded(frame.state.name);
  const previous = frame.record('MapIterationStarted', { name: frame.state.name, index: of.index });
  const child = frame.run.spawn({ program: of.program, parent: frame, slot: of.index, item }, input, previous);
  frame.run.host.enqueue(child);
}

function finish(frame: Frame): Outcome {
  const results = takeResults(frame);
  frame.record('MapStateSucceeded');
  return frame.conclude(results.map(({ value }) => value));
}
