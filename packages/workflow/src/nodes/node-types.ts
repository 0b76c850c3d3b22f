/** Every node type of a document, in the order the format page explains them. */
export const NODE_TYPES = [
  'trigger',
  'input',
  'output',
  'llm_chat',
  'data_transform',
  'operator',
  'conditional',
  'for_each',
  'loop',
  'subgraph',
  'parallel_group',
  'aggregator',
  'human_approval',
  'wait',
  'lambda',
  'api_call',
] as const;
export type NodeType = (typeof NODE_TYPES)[number];

/** Other names for a type: accepted with a warning, normalised before anything else looks. */
export const TYPE_ALIASES: Readonly<Record<string, NodeType>> = {
  route_condition: 'conditional',
  condition: 'conditional',
  router: 'conditional',
  llm: 'llm_chat',
  ai_model: 'llm_chat',
  aimodel: 'llm_chat',
  aiModel: 'llm_chat',
  transform: 'data_transform',
  operator_custom: 'operator',
  safe_operator: 'operator',
  http: 'api_call',
  http_request: 'api_call',
  parallel: 'parallel_group',
  join: 'aggregator',
  group: 'subgraph',
  hitp: 'human_approval',
  approval: 'human_approval',
  delay: 'wait',
  foreach: 'for_each',
  map: 'for_each',
  start: 'trigger',
  end: 'output',
};

/** The type that a name stands for, or null. */
export function nodeTypeOf(name: unknown): NodeType | null {
  const known = NODE_TYPES.find((type) => type === name);
  if (known) return known;
  return typeof name === 'string' && Object.hasOwn(TYPE_ALIASES, name) ? (TYPE_ALIASES[name] ?? null) : null;
}
