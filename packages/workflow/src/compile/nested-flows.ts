import type { Json, JsonObject } from '@statebag/contracts';
import { NODES } from '../nodes/node-table.ts';
import type { NodeType } from '../nodes/node-types.ts';
import type { Flow } from './flow.ts';

type Branch<Nested> = { readonly id: string; readonly optional: boolean; readonly flow: Nested };

/** A node's config with what stands for its bodies and branches changed; in a document they are scopes, once compiled flows. */
export function mapNested<From extends Json, To extends Json>(
  { type, config }: { readonly type: NodeType; readonly config: JsonObject },
  change: (nested: From) => To,
): JsonObject {
  const { rules } = NODES[type];
  const members = Object.entries(config).map(([key, value]): [string, Json] => {
    if (rules[key]?.kind === 'body') return [key, change(value as From)]; // checked to be a scope, or compiled from one
    if (rules[key]?.kind !== 'branches') return [key, value];
    return [key, (value as unknown as readonly Branch<From>[]).map((branch) => ({ ...branch, flow: change(branch.flow) }))]; // the same of each branch
  });
  return Object.fromEntries(members);
}

/** The flows inside of a compiled node: its body, or its branches. */
export function nestedFlows(node: { readonly type: NodeType; readonly config: JsonObject }): readonly Flow[] {
  const flows: Flow[] = [];
  mapNested<Flow, Flow>(node, (flow) => {
    flows.push(flow);
    return flow;
  });
  return flows;
}
