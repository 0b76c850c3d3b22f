import { apiCall } from './api-call.ts';
import { conditional } from './conditional.ts';
import { dataTransform } from './data-transform.ts';
import type { NodeDefinition } from './define-node.ts';
import { forEach } from './for-each.ts';
import { humanApproval } from './human-approval.ts';
import { lambda } from './lambda.ts';
import { llmChat } from './llm-chat.ts';
import { loop } from './loop.ts';
import { input, output, trigger } from './markers.ts';
import type { NodeType } from './node-types.ts';
import { operator } from './operator.ts';
import { aggregator, parallelGroup } from './parallel-group.ts';
import { subgraph } from './subgraph.ts';
import { wait } from './wait.ts';

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
  subgraph,
  parallel_group: parallelGroup,
  aggregator,
  human_approval: humanApproval,
  wait,
  lambda,
  api_call: apiCall,
};
