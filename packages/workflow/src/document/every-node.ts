import { mapNested } from '../nodes/node-config.ts';
import type { Scope, WorkflowNode } from './workflow.ts';

/**
 * Every node of a document in its order, those inside of bodies and branches after the node that holds them.
 * What counts nodes, and what looks for one by its id, looks here.
 */
export function everyNode({ nodes }: Scope): readonly WorkflowNode[] {
  return nodes.flatMap((node) => [node, ...nestedScopes(node).flatMap(everyNode)]);
}

/** The scopes inside of a node: its body, or its branches. */
function nestedScopes(node: WorkflowNode): readonly Scope[] {
  const scopes: Scope[] = [];
  mapNested<Scope, Scope>(node, (scope) => {
    scopes.push(scope);
    return scope;
  });
  return scopes;
}
