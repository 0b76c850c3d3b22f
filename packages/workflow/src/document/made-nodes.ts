import type { NodeId } from '@statebag/contracts/ids';
import { humanApproval } from '../nodes/human-approval.ts';
import { parallelGroup } from '../nodes/parallel-group.ts';
import type { Path } from './diagnostics.ts';
import type { Scope, WorkflowEdge, WorkflowNode } from './workflow.ts';

/** Where each node stands; nodes that are made get the place of what they were made of. */
export type Places = Map<string, Path>;

/** The approval that an edge of type `hitp` stands for. */
export function approvalOn({ from, to }: WorkflowEdge, places: Places): WorkflowNode {
  const id = freshId(`approve-${to}`, from, places);
  return {
    id,
    type: humanApproval.type,
    output_key: id.replaceAll(/[^A-Za-z0-9_]/g, '_'),
    reads: [],
    config: { message: `May ${to} begin?`, on_reject: 'fail' },
  };
}

/** The group that several edges of one node stand for; a branch is called after its first node. */
export function groupBehind(
  fork: WorkflowNode,
  scopes: readonly { readonly id: NodeId; readonly scope: Scope }[],
  places: Places,
): WorkflowNode {
  const branches = scopes.map(({ id, scope }) => ({ id, optional: false, flow: scope }));
  return {
    id: freshId(`${fork.id}-branches`, fork.id, places),
    type: parallelGroup.type,
    output_key: null,
    reads: [],
    config: { branches },
  };
}

const LONGEST_ID = 60;

/** An id that no node has, at the place of the node it is made of. */
export function freshId(wanted: string, origin: NodeId, places: Places): NodeId {
  const stem = wanted.slice(0, LONGEST_ID);
  let id = stem;
  for (let number = 2; places.has(id); number += 1) id = `${stem}-${number}`;
  places.set(id, places.get(origin) ?? []);
  return id as NodeId; // made of an id, letters and a number
}
