import type { JsonObject, Sha256 } from '@statebag/contracts';
import { PROGRESS_PREFIX } from '@statebag/contracts/control-fields';
import type { NodeId } from '@statebag/contracts/ids';
import type { ReducerName } from '@statebag/contracts/statuses';
import type { FieldScope } from './field-scope.ts';

/**
 * A node as the runner needs it: only the config its type uses, bodies compiled, sets computed. Serialisable.
 */
export type CompiledNode = {
  readonly id: NodeId;
  /** The name of a declaration in the table. */
  readonly type: string;
  /** Hash of id, type and config: another prompt is another call. */
  readonly version: Sha256;
  readonly config: JsonObject;
  readonly output_key: string | null;
  /** Top-level fields it sees; null means all of them. */
  readonly reads: readonly string[] | null;
  readonly writes: readonly string[];
  /** Of the fields it writes, those that are combined instead of replaced. */
  readonly reducers: { readonly [field: string]: ReducerName };
  /** Of a node that stands in a file: the use it belongs to. The sets above have the names of the state. */
  readonly use?: FieldScope;
  /** Its work is the state machine's: it only says what is to be done. Never in a closed body. */
  readonly hands_over?: true;
  /** The open loops around it, outermost first. */
  readonly loops?: readonly NodeId[];
  /** An open loop: its body stands beside it, and this is where the next iteration begins. */
  readonly begins_again_at?: NodeId;
};

/**
 * Nodes and what follows each. A node that is not in `next` ends the flow or, being a condition, names its
 * successor itself.
 */
export type Flow = {
  readonly entry: NodeId;
  readonly nodes: { readonly [id: string]: CompiledNode };
  readonly next: { readonly [id: string]: NodeId };
};

/** One branch of a parallel group. */
export type BranchFlow = { readonly id: string; readonly optional: boolean; readonly flow: Flow };

/** Every field that the nodes of a flow may write. */
export function writesOf(flow: Flow): readonly string[] {
  return [...new Set(Object.values(flow.nodes).flatMap(({ writes }) => writes))].sort();
}

/**
 * The field that keeps what an unfinished node has so far. Expressions do not see it, documents may not name
 * it.
 */
export function progressFieldOf(nodeId: string): string {
  return PROGRESS_PREFIX + nodeId;
}

export function isProgressField(field: string): boolean {
  return field.startsWith(PROGRESS_PREFIX);
}
