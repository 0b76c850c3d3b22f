import type { CompiledNode, Flow } from '@statebag/workflow';
import { branchesOf } from '@statebag/workflow/analysis';
import { knowing, unboundedBy } from '../expression/scope.ts';
import { elementsOf } from '../expression/sequences.ts';
import { sameShape } from '../shape/loose-ends.ts';
import { anything, join, joinAll, listOf, maybe, NULL, plainShape, type Shape } from '../shape/shape.ts';
import { type Fields, fieldAt, gathered, joinFields, withField } from './fields.ts';
import { resolved, resolvedText, stored } from './resolved.ts';
import { type Place, type Rule, scopeOf } from './sight.ts';

const DEFAULT_MOST_ITEMS = 10_000;

/** Its body runs for any item; what is kept of each is a member of the result. */
export const eachItem: Rule = (work) => {
  const { node, scope, place, walk, through } = work;
  const { items, result, max_items = DEFAULT_MOST_ITEMS } = node.config;
  const list = typeof items === 'string' ? resolvedText(items, scope, walk) : itemsOfUpload(node);
  const { most: given, each } = elementsOf(list);
  const most = Math.min(given, Number(max_items));
  const variables = [
    ['item', each],
    ['index', plainShape(String(most).length)],
  ] as const;
  const body = bodyOf(node);
  const inner = { fields: place.fields, variables: knowing(scope, variables).variables, last: NULL };
  const end = through(body, inner);
  const kept =
    result === undefined ? end.last : resolved(result, knowing(scopeOf(node, end), variables), walk);
  const tolerated = Number(node.config['tolerated_failure_percentage'] ?? 0) > 0;
  const all = listOf(most, tolerated ? join(kept, NULL) : kept);
  return { ...stored(work, all), items: list };
};

function itemsOfUpload({ id }: CompiledNode): Shape {
  const mend = 'its items come from a file of the owner, which has no schema: use `items`';
  const loose = { of: `upload of ${id}`, at: '', keyword: null, mend };
  return listOf(Infinity, anything([loose]), { loose });
}

function bodyOf({ config }: CompiledNode): Flow {
  return config['body'] as Flow; // compiled from a checked body
}

/** Turn after turn, until another one adds nothing or none is left. */
export const repeated: Rule = ({ node, place, walk, through }) => {
  const most = Number(node.config['max_iterations'] ?? 1);
  const index = plainShape(String(most - 1).length);
  const variables = new Map([...place.variables, ['index', index] as const]);
  const body = bodyOf(node);
  let begin: Place = { ...place, variables };
  let end = begin;
  for (let turn = 0; turn < most; turn += 1) {
    end = through(body, begin);
    const again = joinFields([begin.fields, end.fields]);
    if (sameFields(again, begin.fields)) break;
    const isLast = walk.left <= 0;
    begin = { ...begin, fields: isLast ? widened(begin.fields, again, node) : again };
    if (isLast) walk.left = LEFT_BEHIND;
  }
  return { fields: end.fields, last: end.last };
};

/** After what grows was given up, one more pass finds what depends on it. */
const LEFT_BEHIND = 2_000;

function sameFields(left: Fields, right: Fields): boolean {
  return [...left.members].every(([name, shape]) => {
    const other = right.members.get(name);
    return other !== undefined && sameShape(shape, other);
  });
}

/** What still grows after so many turns has no bound that was worked out. */
function widened(before: Fields, after: Fields, node: CompiledNode): Fields {
  const members = [...after.members].map(([name, shape]): [string, Shape] => {
    const known = before.members.get(name);
    const grows = known === undefined || !sameShape(known, shape);
    return [name, grows ? join(shape, anything([unboundedBy(`loop ${node.id}`, name)])) : shape];
  });
  return { ...after, members: new Map(members) };
}

/** Each branch begins with the state as it is; what they wrote is merged in their order. */
export const sideBySide: Rule = ({ node, place, through }) => {
  const ends = branchesOf(node).map(({ flow, optional }) => {
    const after = through(flow, place);
    const touched = [...after.fields.members].filter(
      ([name, shape]) => place.fields.members.get(name) !== shape,
    );
    return { optional, changed: new Map(touched) };
  });
  const names = new Set(ends.flatMap(({ changed }) => [...changed.keys()]));
  let fields = place.fields;
  for (const name of names) {
    const before = fieldAt(place.fields, name);
    const after = ends.flatMap(({ changed }) => changed.get(name) ?? []);
    const reducer = Object.hasOwn(node.reducers, name) ? node.reducers[name] : undefined;
    const all = ends.every(({ optional, changed }) => !optional && changed.has(name));
    const value =
      reducer === undefined
        ? joinAll(all ? after : [maybe(before), ...after])
        : gathered(reducer, before, after);
    fields = withField(fields, name, value);
  }
  return { fields, last: NULL };
};
