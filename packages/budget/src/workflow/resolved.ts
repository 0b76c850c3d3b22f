import { isJsonObject, type Json } from '@statebag/contracts';
import { scopedField } from '@statebag/workflow/analysis';
import type { Scope } from '../expression/scope.ts';
import { shapeOfExpression } from '../expression/shape-of-expression.ts';
import { joined, textOfShape } from '../expression/text-of-shape.ts';
import { meet } from '../shape/meet.ts';
import {
  bytesOf,
  joinAll,
  listOf,
  NULL,
  objectOf,
  present,
  type Shape,
  shapeOfValue,
  textShape,
} from '../shape/shape.ts';
import { type Fields, fieldAt, reducedShape, withField } from './fields.ts';
import type { Turn, Walk, Work } from './sight.ts';

/** Every value that a part of a config may come to. */
export function resolved(value: Json, scope: Scope, walk: Walk): Shape {
  if (typeof value === 'string') return resolvedText(value, scope, walk);
  if (Array.isArray(value)) {
    const members = value.map((each) => resolved(each, scope, walk));
    const cap = 2 + members.reduce((sum, each) => sum + bytesOf(each) + 1, 0);
    return listOf(members.length, joinAll(members), { cap });
  }
  if (!isJsonObject(value)) return shapeOfValue(value);
  const members = Object.entries(value).map(([name, member]): [string, Shape] => [
    name,
    resolved(member ?? null, scope, walk),
  ]);
  return objectOf(new Map(members));
}

export function resolvedText(text: string, scope: Scope, { parse }: Walk): Shape {
  const parsed = parse(text);
  if (parsed.kind === 'plain') return shapeOfValue(text);
  if (parsed.kind === 'expression') return present(shapeOfExpression(parsed.expression.tree, scope));
  const parts = parsed.parts.map((part) =>
    typeof part === 'string' ? shapeOfValue(part) : shapeOfExpression(part.tree, scope),
  );
  return textShape(joined(parts.map(textOfShape)));
}

export function written(
  { node, walk }: Work,
  fields: Fields,
  values: readonly (readonly [string, Shape])[],
): Turn {
  let [next, last] = [fields, NULL as Shape];
  for (const [name, value] of [...values].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const field = scopedField(node.use?.writes ?? '', name);
    const declared = walk.declared.get(field);
    last = declared ? meet(value, declared) : value;
    const reducer = Object.hasOwn(node.reducers, field) ? node.reducers[field] : undefined;
    const standing = reducer === undefined ? last : reducedShape(reducer, fieldAt(next, field), last);
    next = withField(next, field, declared ? meet(standing, declared) : standing);
  }
  return { fields: next, last };
}

/** What a node stores under its `output_key`. */
export function stored(work: Work, value: Shape, more: readonly (readonly [string, Shape])[] = []): Turn {
  const { output_key } = work.node;
  const own = output_key === null ? [] : [[output_key, present(value)] as const];
  const values = [...own, ...more];
  return values.length === 0
    ? { fields: work.place.fields, last: work.place.last }
    : written(work, work.place.fields, values);
}
