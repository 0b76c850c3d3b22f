import type { DeltaOperation, Json, JsonObject } from '@statebag/contracts';
import { reduceField } from '@statebag/state-core';
import type { CompiledNode } from '../compile/flow.ts';

/** The state as it stands while nodes run, and the operations that made it so. */
export interface WorkingState {
  /** The fields a node may see; null is all of them. */
  view(reads: readonly string[] | null): JsonObject;
  /** Writes one field whole, or combines it where the node's reducer says so. */
  write(node: CompiledNode, field: string, value: Json): void;
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
    if (reducer === undefined) {
      operations = [...operations.filter((operation) => operation.field !== field), { op: 'set', field, value }];
      fields = { ...fields, [field]: value };
      return;
    }
    operations = [...operations, { op: 'reduce', field, reducer, value }];
    fields = { ...fields, [field]: reduceField(reducer, Object.hasOwn(fields, field) ? fields[field] : undefined, value) };
  }

  return {
    view: (reads) => picked(fields, reads ?? Object.keys(fields).sort()),
    write,
    operations: () => operations,
    copy: () => workingState(fields),
    written: () => ({ fields: picked(fields, [...new Set(operations.map(({ field }) => field))].sort()), last }),
  };
}

function picked(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name] ?? null]));
}
