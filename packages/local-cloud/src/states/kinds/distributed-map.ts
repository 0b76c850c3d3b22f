import type { Behaviour, Program } from '../definition/program.ts';
import type { Reader } from '../definition/reader.ts';
import { compileItemBatcher } from '../maprun/item-batcher.ts';
import { compileItemReader } from '../maprun/item-reader.ts';
import type { MapRunPlan } from '../maprun/map-run-plan.ts';
import { compileResultWriter } from '../maprun/result-writer.ts';
import type { Frame } from '../run/frame.ts';
import { StateRuntimeError } from '../states-error.ts';
import { compileNumber, type ItemSource } from './item-source.ts';

/** A Map whose iterations are executions of their own, under a map run. */
export function distributedMap(state: Reader, { program, source, express }: { program: Program; source: ItemSource; express: boolean }): Behaviour {
  const read = compileItemReader(state);
  const batch = compileItemBatcher(state);
  const writer = compileResultWriter(state);
  const tolerance = compileTolerance(state);
  const label = readLabel(state);
  const plan: MapRunPlan = {
    read,
    items: source.items,
    units: (frame, items) =>
      batch(
        frame,
        items.map((value, index) => source.select(frame, { index, value })),
      ),
    writer,
    settings: (frame) => ({ maxConcurrency: source.maxConcurrency(frame), ...tolerance(frame), label, express }),
  };
  return {
    programs: [program],
    enter(frame) {
      const length = read ? 0 : source.items(frame).length;
      source.maxConcurrency(frame);
      frame.record('MapStateStarted', { length });
      return frame.run.host.mapRuns.open(frame, plan);
    },
    resume(frame) {
      if (frame.phase.kind === 'mapRun') frame.run.host.mapRuns.resume(frame, plan, frame.phase.mapRun);
    },
    redrive(frame) {
      if (frame.phase.kind === 'mapRun') frame.run.host.mapRuns.redrive(frame, plan, frame.phase.mapRun);
    },
    abandon(frame) {
      if (frame.phase.kind === 'mapRun') frame.run.host.mapRuns.abort(frame.phase.mapRun);
    },
    gaveUp: (frame) => void frame.record('MapStateFailed'),
  };
}

interface Tolerance {
  readonly toleratedFailureCount: number | undefined;
  readonly toleratedFailurePercentage: number | undefined;
}

function compileTolerance(state: Reader): (frame: Frame) => Tolerance {
  const count = compileNumber(state, 'ToleratedFailureCount', { whole: true });
  const percentage = compileNumber(state, 'ToleratedFailurePercentage', { whole: false, most: 100 });
  return (frame) => {
    const tolerance = { toleratedFailureCount: count(frame), toleratedFailurePercentage: percentage(frame) };
    if ((tolerance.toleratedFailureCount ?? 0) < 0) throw new StateRuntimeError('ToleratedFailureCount cannot be negative.');
    const share = tolerance.toleratedFailurePercentage ?? 0;
    if (share < 0 || share > 100) throw new StateRuntimeError('ToleratedFailurePercentage must be between 0 and 100.');
    return tolerance;
  };
}

/** How the map run is called in ARNs: a label of its own, or the state's name made to fit. */
function readLabel(state: Reader): string {
  const label = state.text('Label');
  if (label !== undefined && !/^[^\s?*<>{}[\]:;,\\|^~$#%&`"]{1,40}$/.test(label))
    state.report('A label has at most 40 characters, without white space and special characters', { field: 'Label' });
  return (
    label ??
    state.location
      .slice(state.location.lastIndexOf('/') + 1)
      .replace(/[^\w-]/g, '')
      .slice(0, 40)
  );
}
