import type { DeltaOperation, Json, JsonObject, ReducerName } from '@statebag/contracts';
import { reduceField } from '@statebag/state-core';
import type { CompiledNode } from '../compile/flow.ts';
import { isProgressField, progressFieldOf } from '../compile/progress-field.ts';

/** The state as it stands while nodes run, and the operations that made it so. */
export interface WorkingState {
  /** The fields a node may see; null is all of them. */
  view(reads: readonly string[] | null): JsonObject;
  /** Writes one field whole, or combines it where the node's reducer says so. */
  write(node: CompiledNode, field: string, value: Json): void;
  /** Takes over what a branch did. */
  apply(operations: readonly DeltaOperation[]): void;
  /** What an unfinished node left for its next invocation: out of sight of expressions, gone once it is finished. */
  progressOf(node: Pick<CompiledNode, 'id'>): Json;
  keepProgress(node: Pick<CompiledNode, 'id'>, progress: Json): void;
  dropProgress(node: Pick<CompiledNode, 'id'>): void;
  /** What changed, shortest form: of several writes of one field only what still counts. */
  operations(): readonly DeltaOperation[];
  /** A copy that can be written without this one noticing, and that knows only its own operations. */
  copy(): WorkingState;
  /** The fields written so far and the value written last. */
  written(): { readonly fields: JsonObject; readonly last: Json };
}

export function workingState(initial: JsonObject): WorkingState {
  let fields = initial;
  let operations: readonly DeltaOperation[] = [];
  let last: Json = null;

  function write(node: CompiledNode, field: string, value: Json): void {
    last = value;
    const reducer = Object.hasOwn(node.reducers, field) ? node.reducers[field] : undefined;
    if (reducer === undefined) set(field, value);
    else reduce(field, reducer, value);
  }

  function apply(done: readonly DeltaOperation[]): void {
    for (const operation of done) {
      if (operation.op === 'set' && 'value' in operation) set(operation.field, operation.value);
      if (operation.op === 'reduce' && 'value' in operation) reduce(operation.field, operation.reducer, operation.value);
    }
  }

  function reduce(field: string, reducer: ReducerName, value: Json): void {
    operations = [...operations, { op: 'reduce', field, reducer, value }];
    fields = { ...fields, [field]: reduceField(reducer, Object.hasOwn(fields, field) ? fields[field] : undefined, value) };
  }

  function set(field: string, value: Json): void {
    operations = [...operations.filter((operation) => operation.field !== field), { op: 'set', field, value }];
    fields = { ...fields, [field]: value };
  }

  return {
    view: (reads) => picked(fields, reads ?? visible(fields)),
    write,
    apply,
    progressOf: ({ id }) => fields[progressFieldOf(id)] ?? null,
    keepProgress: ({ id }, progress) => {
      if (progress !== null) set(progressFieldOf(id), progress);
    },
    dropProgress: ({ id }) => {
      const field = progressFieldOf(id);
      const { [field]: dropped, ...others } = fields;
      if (dropped === undefined) return;
      operations = [...operations.filter((operation) => operation.field !== field), { op: 'delete', field }];
      fields = others;
    },
    operations: () => operations,
    copy: () => workingState(fields),
    written: () => ({ fields: picked(fields, visible(Object.fromEntries(operations.map(({ field }) => [field, null])))), last }),
  };
}

function visible(fields: JsonObject): string[] {
  return Object.keys(fields)
    .filter((field) => !isProgressField(field))
    .sort();
}

function picked(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name] ?? null]));
}
