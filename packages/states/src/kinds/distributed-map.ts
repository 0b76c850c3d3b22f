import { compileNumber, fieldError, type StateScope } from '../language/data-flow.ts';
import { ANY, type FieldTable, numberFields, TEXT } from '../language/fields.ts';
import type { Json } from '../language/json.ts';
import type { Reader } from '../language/reader.ts';
import { LIMITS } from '../ports/limits.ts';
import type { MapInspector, MapRunPlan, MapUnit, Tolerance } from '../program/map-run.ts';
import type { Behaviour, Program } from '../program/program.ts';
import { compileItemReader } from './item-reader.ts';
import type { ItemSource } from './item-source.ts';
import { compileResultWriter } from './result-writer.ts';

/** A Map whose iterations are executions of their own, under a map run. */
export function distributedMap(
  state: Reader,
  { program, source, express }: { program: Program; source: ItemSource; express: boolean },
): Behaviour {
  const read = compileItemReader(state);
  const reader = state.object('ItemReader')?.object('ReaderConfig');
  const batch = compileItemBatcher(state);
  const writer = compileResultWriter(state);
  const tolerance = compileTolerance(state);
  const label = readLabel(state);
  const plan: MapRunPlan = {
    read,
    items: source.items,
    batch(work) {
      const cut = batch(work);
      return (items) => cut(items.map((value, index) => source.select(work, { index, value })));
    },
    writer,
    settings: (work) => ({
      maxConcurrency: source.maxConcurrency(work),
      ...tolerance(work),
      label,
      express,
    }),
  };
  const isBatched = state.has('ItemBatcher');
  const isPointed = reader?.has('ItemsPointer') === true;
  const inspector: MapInspector = {
    read,
    inspect(work, items = source.items(work)) {
      const seen = source.inspect(work, items);
      const units = batch(work)(seen.inputs).map(({ input }) => input);
      return {
        ...seen,
        ...(read ? { afterItemsPath: undefined } : {}),
        ...(isPointed ? { afterItemsPointer: items } : {}),
        ...(isBatched ? { afterItemBatcher: units } : {}),
        tolerance: tolerance(work),
      };
    },
  };
  return {
    programs: [program],
    isolated: true,
    inspector,
    enter(frame) {
      const length = read ? 0 : source.items(frame).length;
      source.maxConcurrency(frame);
      frame.record('MapStateStarted', { length });
      // What cannot be evaluated fails the state before there is a run.
      read?.(frame);
      batch(frame);
      writer?.(frame);
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

function compileTolerance(state: Reader): (work: StateScope) => Tolerance {
  const count = compileNumber(state, 'ToleratedFailureCount', { whole: true });
  const percentage = compileNumber(state, 'ToleratedFailurePercentage', { whole: false, most: 100 });
  return (work) => {
    const tolerance = { toleratedFailureCount: count(work), toleratedFailurePercentage: percentage(work) };
    if ((tolerance.toleratedFailureCount ?? 0) < 0)
      throw fieldError(state, 'ToleratedFailureCount', 'ToleratedFailureCount cannot be negative.');
    const share = tolerance.toleratedFailurePercentage ?? 0;
    if (share < 0 || share > 100)
      throw fieldError(
        state,
        'ToleratedFailurePercentage',
        'ToleratedFailurePercentage must be between 0 and 100.',
      );
    return tolerance;
  };
}

/** How the map run is called in ARNs: a label of its own, or the state's name made to fit. */
function readLabel(state: Reader): string {
  const label = state.text('Label');
  if (label !== undefined && !/^[^\s?*<>{}[\]:;,\\|^~$#%&`"]{1,40}$/.test(label))
    state.report('A label has at most 40 characters, without white space and special characters', {
      field: 'Label',
    });
  return (
    label ??
    state.location
      .slice(state.location.lastIndexOf('/') + 1)
      .replace(/[^\w-]/g, '')
      .slice(0, 40)
  );
}

/** Makes the inputs of children from the selected items: one each, or batches. */
export type ItemBatcher = (work: StateScope) => (items: readonly Json[]) => readonly MapUnit[];

export const ITEM_BATCHER_FIELDS: FieldTable = {
  ...numberFields('MaxItemsPerBatch', { holds: 'integer', least: 1 }),
  ...numberFields('MaxInputBytesPerBatch', { holds: 'integer', least: 1, most: LIMITS.payloadBytes }),
  BatchInput: ANY,
  Comment: TEXT,
};

/** Compiles ItemBatcher. */
export function compileItemBatcher(state: Reader): ItemBatcher {
  const batcher = state.object('ItemBatcher');
  if (!batcher) return () => (items) => items.map((input) => ({ input, items: 1 }));
  const mostItems = compilePositive(batcher, 'MaxItemsPerBatch');
  const mostBytes = compilePositive(batcher, 'MaxInputBytesPerBatch');
  const template = batcher.payload({ JSONPath: 'BatchInput', JSONata: 'BatchInput' });
  if (
    !['MaxItemsPerBatch', 'MaxInputBytesPerBatch'].some(
      (field) => batcher.has(field) || batcher.has(`${field}Path`),
    )
  ) {
    batcher.report("'MaxItemsPerBatch' or 'MaxInputBytesPerBatch' is required");
  }
  return (work) => {
    const common = template ? { BatchInput: template(work.scope()) } : {};
    const bytes = Math.min(mostBytes(work) ?? LIMITS.payloadBytes, LIMITS.payloadBytes);
    const room = bytes - Buffer.byteLength(JSON.stringify({ ...common, Items: [] }));
    const most = mostItems(work) ?? Number.POSITIVE_INFINITY;
    return (items) =>
      cut(items, { most, room }).map((batch) => ({
        input: { ...common, Items: batch },
        items: batch.length,
      }));
  };
}

function compilePositive(batcher: Reader, field: string): (work: StateScope) => number | undefined {
  const read = compileNumber(batcher, field, { whole: true });
  return (work) => {
    const value = read(work);
    if (value !== undefined && value < 1) throw fieldError(batcher, field, `${field} must be positive.`);
    return value;
  };
}

/** As many items as fit into each batch; one that is too large alone still gets a batch of its own. */
function cut(
  items: readonly Json[],
  { most, room }: { most: number; room: number },
): readonly (readonly Json[])[] {
  const batches: Json[][] = [];
  let batch: Json[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (batch.length > 0 && (batch.length >= most || bytes + size - 1 > room)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
