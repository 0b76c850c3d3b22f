import { type ReadSet, unionOfReads } from '../expressions/read-set.ts';
import type { CompiledNode, Flow } from '../nodes/flow.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { inOrder, predecessors, waysFrom } from './flow-order.ts';

/** Fields that are surely replaced when a flow has ended, whatever way it took. */
export function surelyReplacedBy(flow: Flow): ReadonlySet<string> {
  const { replacedAfter } = followed(flow);
  const ends = inOrder(flow).filter((node) => waysFrom(flow, node).length === 0);
  return inAll(ends.map(({ id }) => replacedAfter.get(id) ?? new Set()));
}

/**
 * What a flow reads from outside: what its nodes read, without the fields that an earlier node of it has
 * surely replaced.
 */
export function readsOfFlow(flow: Flow): ReadSet {
  return unionOfReads(followed(flow).reads);
}

function followed(flow: Flow) {
  const leading = predecessors(flow);
  const replacedAfter = new Map<string, ReadonlySet<string>>();
  const reads: ReadSet[] = [];
  for (const node of inOrder(flow)) {
    const before = inAll((leading.get(node.id) ?? []).map(({ id }) => replacedAfter.get(id) ?? new Set()));
    reads.push(node.reads === null ? 'all' : new Set(node.reads.filter((field) => !before.has(field))));
    replacedAfter.set(node.id, new Set([...before, ...surelyReplaced(node)]));
  }
  return { reads, replacedAfter };
}

/** A reducer needs the old value; a body may take a way that writes nothing, a branch may fail. */
function surelyReplaced(node: CompiledNode): readonly string[] {
  const unsure = new Set(definitionOf(node).mayWrite(node.config));
  return node.writes.filter((field) => !Object.hasOwn(node.reducers, field) && !unsure.has(field));
}

function inAll(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [first = new Set<string>(), ...others] = sets;
  return new Set([...first].filter((field) => others.every((other) => other.has(field))));
}
