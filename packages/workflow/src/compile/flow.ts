import type { JsonObject, NodeId, ReducerName, Sha256 } from '@statebag/contracts';
import type { NodeType } from '../nodes/node-types.ts';

/** A node as the runner needs it: only the config its type uses, bodies compiled, sets computed. Serialisable. */
export type CompiledNode = {
  readonly id: NodeId;
  readonly type: NodeType;
  /** Hash of id, type and config: another prompt is another call. */
  readonly version: Sha256;
  readonly config: JsonObject;
  readonly output_key: string | null;
  /** Top-level fields it sees; null means all of them. */
  readonly reads: readonly string[] | null;
  readonly writes: readonly string[];
  /** Of the fields it writes, those that are combined instead of replaced. */
  readonly reducers: { readonly [field: string]: ReducerName };
  /** Its work is the state machine's: it only says what is to be done. Never in a closed body. */
  readonly hands_over?: true;
  /** The open loops around it, outermost first. */
  readonly loops?: readonly NodeId[];
  /** An open loop: its body stands beside it, and this is where the next iteration begins. */
  readonly begins_again_at?: NodeId;
};

/** Nodes and what follows each. A node that is not in `next` ends the flow or, being a condition, names its successor itself. */
export type Flow = {
  readonly entry: NodeId;
  readonly nodes: { readonly [id: string]: CompiledNode };
  readonly next: { readonly [id: string]: NodeId };
};

/** Every field that the nodes of a flow may write. */
export function writesOf(flow: Flow): readonly string[] {
  return [...new Set(Object.values(flow.nodes).flatMap(({ writes }) => writes))].sort();
}
