export {
  type Declaration,
  defineNode,
  isNode,
  type Node,
  type OutsideTurn,
  type Turn,
} from './define-node.ts';
export { NodeFailure } from './node-failure.ts';
export type { ConfigOf, Json, JsonSchema, Schema, StandardSchema } from './schema.ts';
