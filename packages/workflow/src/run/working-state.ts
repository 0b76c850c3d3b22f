import type { Json, JsonObject } from '@statebag/contracts';
import type { DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import type { ReducerName } from '@statebag/contracts/statuses';
import { reduceField } from '@statebag/state-core/core/reduce';
import type { CompiledNode } from '../nodes/flow.ts';
import { isProgressField, progressFieldOf } from '../nodes/flow.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** The state as it stands while nodes run, and the operations that made it so. */
export interface WorkingState {
  /** The fields a node may see, those of uses of files by their names in the state; null is all of them. */
  view(reads: readonly string[] | null): JsonObject;
  /**
   * Writes one field whole, or combines it where the node's reducer says so. It takes so many units of
   * memory.
   */
  write(node: CompiledNode, field: string, value: Measured): void;
  /** Takes over what a copy that has ended did. */
  apply(ended: WorkingState): void;
  /** What was done, with what it takes. */
  done(): readonly Done[];
  /** Nothing is written any more: what it takes is free, or that of who takes it over. */
  end(): void;
  /**
   * What an unfinished node left for its next invocation: out of sight of expressions, gone once it is
   * finished.
   */
  progressOf(node: Pick<CompiledNode, 'id'>): Json;
  keepProgress(node: Pick<CompiledNode, 'id'>, progress: Measured): void;
  dropProgress(node: Pick<CompiledNode, 'id'>): void;
  /** Deletes a field, also one that was not loaded. */
  drop(field: string): void;
  /** What changed, shortest form: of several writes of one field only what still counts. */
  operations(): readonly DeltaOperation[];
  /** A copy that can be written without this one noticing, and that knows only its own operations. */
  copy(): WorkingState;
  /** The fields written so far and the value written last. */
  written(): { readonly fields: JsonObject; readonly last: Json };
}

/** A value, and what it takes in UTF-16 units. */
interface Measured {
  readonly value: Json;
  readonly units: number;
}

interface Done {
  readonly operation: DeltaOperation;
  readonly units: number;
}

export function workingState(initial: JsonObject, memory: MemoryBudget): WorkingState {
  let fields = initial;
  let done: readonly Done[] = [];
  let last: Json = null;

  function write(node: CompiledNode, field: string, written: Measured): void {
    last = written.value;
    const reducer = Object.hasOwn(node.reducers, field) ? node.reducers[field] : undefined;
    if (reducer === undefined) set(field, written);
    else reduce(field, reducer, written);
  }

  function apply(ended: WorkingState): void {
    for (const { operation, units } of ended.done()) {
      if (operation.op === 'set' && 'value' in operation)
        set(operation.field, { value: operation.value, units });
      if (operation.op === 'reduce' && 'value' in operation)
        reduce(operation.field, operation.reducer, { value: operation.value, units });
      if (operation.op === 'delete') drop(operation.field);
    }
  }

  function reduce(field: string, reducer: ReducerName, { value, units }: Measured): void {
    memory.take(units);
    done = [...done, { operation: { op: 'reduce', field, reducer, value }, units }];
    fields = {
      ...fields,
      [field]: reduceField(reducer, Object.hasOwn(fields, field) ? fields[field] : undefined, value),
    };
  }

  function set(field: string, { value, units }: Measured): void {
    forget(field);
    memory.take(units);
    done = [...done, { operation: { op: 'set', field, value }, units }];
    fields = { ...fields, [field]: value };
  }

  function drop(field: string): void {
    const { [field]: dropped, ...others } = fields;
    forget(field);
    done = [...done, { operation: { op: 'delete', field }, units: 0 }];
    fields = others;
  }

  /** What was written of a field does not count any more. */
  function forget(field: string): void {
    for (const { operation, units } of done) if (operation.field === field) memory.give(units);
    done = done.filter(({ operation }) => operation.field !== field);
  }

  return {
    view: (reads) => picked(fields, reads ?? visible(fields)),
    write,
    apply,
    progressOf: ({ id }) => fields[progressFieldOf(id)] ?? null,
    keepProgress: ({ id }, progress) => {
      if (progress.value !== null) set(progressFieldOf(id), progress);
    },
    dropProgress: ({ id }) => {
      const field = progressFieldOf(id);
      if (Object.hasOwn(fields, field)) drop(field);
    },
    drop,
    operations: () => done.map(({ operation }) => operation),
    done: () => done,
    end: () => memory.give(done.reduce((sum, { units }) => sum + units, 0)),
    copy: () => workingState(fields, memory),
    written: () => ({
      fields: picked(
        fields,
        visible(Object.fromEntries(done.map(({ operation }) => [operation.field, null]))),
      ),
      last,
    }),
  };
}

function visible(fields: JsonObject): string[] {
  return Object.keys(fields)
    .filter((field) => !isProgressField(field))
    .sort();
}

function picked(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name] ?? null]),
  );
}
