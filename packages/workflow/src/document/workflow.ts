import type { JsonObject } from '@statebag/contracts';
import type { NodeId } from '@statebag/contracts/ids';
import type { SharedBudget, SpendLimit } from '@statebag/contracts/schemas/model-call';
import type { ReducerName } from '@statebag/contracts/statuses';
import type { FieldScope } from '../nodes/field-scope.ts';

/** A node of a checked document: aliases replaced, files read in, defaults filled in. */
export type WorkflowNode = {
  readonly id: NodeId;
  readonly type: string;
  readonly output_key: string | null;
  /** Fields it reads besides those its expressions name. */
  readonly reads: readonly string[];
  /** Only keys its type knows. A body is a `Scope`. */
  readonly config: JsonObject;
  /** Of a node that stands in a file: the use it belongs to. */
  readonly use?: FieldScope;
};

/** An edge of type `hitp` waits for a person on the way. */
export type WorkflowEdge = { readonly from: NodeId; readonly to: NodeId; readonly type?: 'hitp' };

/** Nodes and edges that see each other: a document, or the body of a node. */
export type Scope = { readonly nodes: readonly WorkflowNode[]; readonly edges: readonly WorkflowEdge[] };

/** What a workflow may set about its own running. */
export type WorkflowOptions = {
  /** Outside calls in one segment at most; without it as many as fit the time. */
  readonly llm_per_segment?: number;
  readonly max_loop_iterations?: number;
  readonly max_branch_iterations?: number;
  readonly max_concurrency?: number;
  /** What a run may spend on models, in dollars and in tokens. */
  readonly max_cost_usd?: number;
  readonly max_tokens?: number;
  /** The same for single nodes, by their ids. */
  readonly node_limits?: { readonly [node: string]: SpendLimit };
  /** What it may spend together with every other run of its owner that names the same budget. */
  readonly budget?: SharedBudget;
};

/** A document that was checked and found good. */
export type Workflow = Scope & {
  readonly name: string;
  readonly version: string;
  readonly initial_state: JsonObject;
  /** Fields that `state.schema` declares. */
  readonly fields: readonly string[];
  readonly reducers: { readonly [field: string]: ReducerName };
  readonly options: WorkflowOptions;
};
