import { type JsonObject, StatebagError } from '@statebag/contracts';
import { isOwnType } from '../own/own-nodes.ts';
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
import { operator } from './operator.ts';
import { ownDefinition } from './own-node.ts';
import { aggregator, parallelGroup } from './parallel-group.ts';
import { subgraph } from './subgraph.ts';
import { wait } from './wait.ts';

/** Every node type, in the order in which pages explain them. A new one is a module and a line here. */
export const NODES: readonly NodeDefinition[] = [
  trigger,
  input,
  output,
  llmChat,
  dataTransform,
  operator,
  conditional,
  forEach,
  loop,
  subgraph,
  parallelGroup,
  aggregator,
  humanApproval,
  wait,
  lambda,
  apiCall,
];

export const NODE_TYPES: readonly string[] = NODES.map(({ type }) => type);

const BY_TYPE = new Map(NODES.map((definition) => [definition.type, definition]));
/** Other names for a type: accepted with a warning, normalised before anything else looks. */
const BY_ALIAS = new Map(NODES.flatMap(({ type, aliases }) => aliases.map((alias) => [alias, type])));

/** The type that a name stands for, or null. */
export function nodeTypeOf(name: unknown): string | null {
  if (typeof name !== 'string') return null;
  return BY_TYPE.has(name) ? name : (BY_ALIAS.get(name) ?? null);
}

/**
 * What there is to know about the type of a node. @throws `Workflow.Invalid` for a node that a later release
 * has compiled
 */
export function definitionOf(node: { readonly type: string; readonly config?: JsonObject }): NodeDefinition {
  const { type } = node;
  const definition = BY_TYPE.get(type) ?? (isOwnType(type) ? ownDefinition(node) : undefined);
  if (definition) return definition;
  throw new StatebagError('Workflow.Invalid', `${JSON.stringify(type)} is not a node type of this release`);
}
