import { conditional } from './conditional.ts';
import { dataTransform } from './data-transform.ts';
import type { NodeDefinition } from './define-node.ts';
import { forEach } from './for-each.ts';
import { llmChat } from './llm-chat.ts';
import { loop } from './loop.ts';
import { input, output, trigger } from './markers.ts';
import type { NodeType } from './node-types.ts';
import { operator } from './operator.ts';

/** Every node type. A new one is a module and a line here. */
export const NODES: Readonly<Record<NodeType, NodeDefinition>> = {
  trigger,
  input,
  output,
  llm_chat: llmChat,
  data_transform: dataTransform,
  operator,
  conditional,
  for_each: forEach,
  loop,
};
