import { type Static, Type } from 'typebox';
import { RunViewSchema } from './api.ts';
import { UsageSchema } from './history.ts';
import {
  CountSchema,
  closed,
  DefinitionIdSchema,
  ExecutionIdSchema,
  JsonObjectSchema,
  NodeIdSchema,
  nullable,
  oneOf,
  SegmentIdSchema,
} from './scalars.ts';

/** POST /runs/{run_id}/fork. At most one of `workflow` and `definition_id`; that of the run without them. */
export const ForkBodySchema = closed({
  /** The edited workflow document: checked, compiled and published first. */
  workflow: Type.Optional(JsonObjectSchema),
  /** An edited workflow that was published before. */
  definition_id: Type.Optional(DefinitionIdSchema),
  /** The fork begins no later than at the segment that holds this node. */
  at: Type.Optional(NodeIdSchema),
  /** Fields of the state that it begins with. */
  set: Type.Optional(JsonObjectSchema),
  /** Say what would be repeated, and begin nothing. */
  dry_run: Type.Optional(Type.Boolean()),
});
export type ForkBody = Static<typeof ForkBodySchema>;

/** What a fork shares, what it does again, and what that took in the run. */
export const ForkPlanSchema = closed({
  execution_id: ExecutionIdSchema,
  forked_from: ExecutionIdSchema,
  definition_id: DefinitionIdSchema,
  begins_at: SegmentIdSchema,
  /** Results of the run that it begins behind. */
  shared_results: CountSchema,
  changed: Type.Array(NodeIdSchema),
  added: Type.Array(NodeIdSchema),
  removed: Type.Array(NodeIdSchema),
  /** Fields that are set. */
  set: Type.Array(Type.String()),
  /** Nodes behind the point where it begins. */
  nodes: Type.Array(
    closed({
      node_id: NodeIdSchema,
      /**
       * Its calls are made (`repeats`), made where they ask something else (`depends`), made as the run did not come
       * to its end (`first`), or taken over.
       */
      fate: oneOf(['repeats', 'depends', 'first', 'taken over']),
      /** What it took in the run, behind that point. */
      usage: UsageSchema,
    }),
  ),
  usage: closed({
    shared: UsageSchema,
    repeats: UsageSchema,
    depends_at_most: UsageSchema,
    taken_over: UsageSchema,
  }),
});
export type ForkPlan = Static<typeof ForkPlanSchema>;

/** The plan, and the fork that has begun; null where only the plan was asked for. */
export const ForkReplySchema = closed({ plan: ForkPlanSchema, fork: nullable(RunViewSchema) });
export type ForkReply = Static<typeof ForkReplySchema>;
