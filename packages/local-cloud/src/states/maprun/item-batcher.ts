import type { Reader } from '../definition/reader.ts';
import { compileNumber } from '../kinds/item-source.ts';
import type { Json } from '../language/json.ts';
import { LIMITS } from '../limits.ts';
import type { Frame } from '../run/frame.ts';
import { StateRuntimeError } from '../states-error.ts';
import type { MapUnit } from './map-run-record.ts';

/** Makes the inputs of children from the selected items: one each, or batches. */
export type ItemBatcher = (frame: Frame, items: readonly Json[]) => readonly MapUnit[];

/** Compiles ItemBatcher. */
export function compileItemBatcher(state: Reader): ItemBatcher {
  const batcher = state.object('ItemBatcher');
  if (!batcher) return (_, items) => items.map((input) => ({ input, items: 1 }));
  batcher.allow(['MaxItemsPerBatch', 'MaxItemsPerBatchPath', 'MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath', 'BatchInput', 'Comment']);
  const mostItems = compilePositive(batcher, 'MaxItemsPerBatch');
  const mostBytes = compilePositive(batcher, 'MaxInputBytesPerBatch');
  const template = batcher.template('BatchInput');
  if (!['MaxItemsPerBatch', 'MaxInputBytesPerBatch'].some((field) => batcher.has(field) || batcher.has(`${field}Path`))) {
    batcher.report("'MaxItemsPerBatch' or 'MaxInputBytesPerBatch' is required");
  }
  return (frame, items) => {
    const common = template ? { BatchInput: template({ input: frame.effectiveInput(), context: () => frame.context() }) } : {};
    const bytes = Math.min(mostBytes(frame) ?? LIMITS.payloadBytes, LIMITS.payloadBytes);
    const room = bytes - Buffer.byteLength(JSON.stringify({ ...common, Items: [] }));
    return cut(items, { most: mostItems(frame) ?? Number.POSITIVE_INFINITY, room }).map((batch) => ({
      input: { ...common, Items: batch },
      items: batch.length,
    }));
  };
}

function compilePositive(batcher: Reader, field: string): (frame: Frame) => number | undefined {
  const read = compileNumber(batcher, field, { whole: true });
  return (frame) => {
    const value = read(frame);
    if (value !== undefined && value < 1) throw new StateRuntimeError(`${field} must be positive.`);
    return value;
  };
}

/** As many items as fit into each batch; one that is too large alone still gets a batch of its own. */
function cut(items: readonly Json[], { most, room }: { most: number; room: number }): readonly (readonly Json[])[] {
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
