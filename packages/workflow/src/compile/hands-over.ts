import type { NodeType } from '../nodes/node-types.ts';
import { expectedMillisOf } from './expected-cost.ts';
import type { CompiledNode } from './flow.ts';

/** A list that would come back more often than this is left to many workers. */
const MOST_SEGMENTS_OF_A_LIST = 4;

type Rule = (node: CompiledNode, segmentMillis: number) => boolean;

/** Node types that may leave their work to the state machine, and when they do. All others never. */
const RULES: Readonly<Partial<Record<NodeType, Rule>>> = {
  parallel_group: () => true,
  human_approval: () => true,
  wait: () => true,
  llm_chat: (node, segmentMillis) => node.config['async'] === true || expectedMillisOf(node) > segmentMillis,
  for_each: (node, segmentMillis) => node.config['distributed'] !== undefined || expectedMillisOf(node) > MOST_SEGMENTS_OF_A_LIST * segmentMillis,
};

/** Whether the state machine has to act at this node before anything else runs. Inside of an item nothing hands over: the state machine does not see it. */
export function handsOver(node: CompiledNode, segmentMillis: number): boolean {
  return RULES[node.type]?.(node, segmentMillis) ?? false;
}
