import type { CompiledNode, Flow } from '@statebag/workflow';
import { inOrder, waysFrom } from '@statebag/workflow/analysis';
import { join, joinAll } from '../shape/shape.ts';
import { joinFields } from './fields.ts';
import { ruleOf } from './node-rules.ts';
import { type Place, type Sight, scopeOf, type Walk } from './sight.ts';

/** The state behind a flow, for every way through it. */
export function throughFlow(flow: Flow, begin: Place, walk: Walk): Place {
  const reached = new Map<string, Place[]>([[flow.entry, [begin]]]);
  const ends: Place[] = [];
  for (const node of inOrder(flow)) {
    const before = meetingOf(reached.get(node.id) ?? []);
    if (!before) continue;
    const after = throughNode(node, before, walk);
    const ways = waysFrom(flow, node).filter((to) => Object.hasOwn(flow.nodes, to));
    if (ways.length === 0) ends.push(after);
    for (const to of ways) reached.set(to, [...(reached.get(to) ?? []), after]);
  }
  return meetingOf(ends) ?? begin;
}

function meetingOf(places: readonly Place[]): Place | undefined {
  const [first, ...others] = places;
  if (!first || others.length === 0) return first;
  const fields = joinFields(places.map((each) => each.fields));
  return { ...first, fields, last: joinAll(places.map(({ last }) => last)) };
}

function throughNode(node: CompiledNode, before: Place, walk: Walk): Place {
  walk.left -= 1;
  const through = (flow: Flow, begin: Place) => throughFlow(flow, begin, walk);
  const work = { node, scope: scopeOf(node, before), place: before, walk, through };
  const { fields, last, ...told } = ruleOf(node.type)(work);
  const after = { ...before, fields, last };
  see(node, { before: before.fields, after: after.fields, ...told }, walk);
  return after;
}

function see(node: CompiledNode, sight: Omit<Sight, 'node'>, { seen }: Walk): void {
  const known = seen.get(node.id);
  const both = <Part>(
    left: Part | undefined,
    right: Part | undefined,
    together: (a: Part, b: Part) => Part,
  ) => (left === undefined || right === undefined ? (left ?? right) : together(left, right));
  const items = both(known?.items, sight.items, join);
  const asked = both(known?.asked, sight.asked, join);
  const answer = both(known?.answer, sight.answer, join);
  seen.set(node.id, {
    node,
    before: known ? joinFields([known.before, sight.before]) : sight.before,
    after: known ? joinFields([known.after, sight.after]) : sight.after,
    ...(items && { items }),
    ...(asked && { asked }),
    ...(answer && { answer }),
  });
}
