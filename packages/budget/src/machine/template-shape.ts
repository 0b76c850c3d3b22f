import { isJsonObject, type Json } from '@statebag/contracts';
import { parseExpression } from '@statebag/workflow/analysis';
import { type Scope, unknown } from '../expression/scope.ts';
import { shapeOfExpression } from '../expression/shape-of-expression.ts';
import {
  bytesOf,
  joinAll,
  listOf,
  NOTHING,
  objectOf,
  present,
  type Shape,
  shapeOfValue,
} from '../shape/shape.ts';
import { shapeOfField } from './intrinsic-shape.ts';
import type { Sources } from './path-shape.ts';

/** What a payload template of JSONPath makes. */
export function shapeOfTemplate(template: Json, sources: Sources): Shape {
  return partsOf(template, (name, value) =>
    name.endsWith('.$') && typeof value === 'string'
      ? [name.slice(0, -2), shapeOfField(value, sources)]
      : [name, shapeOfTemplate(value, sources)],
  );
}

function partsOf(template: Json, member: (name: string, value: Json) => [string, Shape]): Shape {
  if (Array.isArray(template)) {
    const each = template.map((value) => member('', value)[1]);
    return listOf(each.length, joinAll(each), {
      cap: 2 + each.reduce((sum, one) => sum + bytesOf(one) + 1, 0),
    });
  }
  if (!isJsonObject(template)) return shapeOfValue(template);
  return objectOf(new Map(Object.entries(template).map(([name, value]) => member(name, value ?? null))));
}

/** What a field of a JSONata state comes to: its expressions may stand anywhere in it. */
export function shapeOfQuery(value: Json, scope: Scope): Shape {
  if (typeof value === 'string') {
    const [, source] = /^\{%([\s\S]*)%\}$/.exec(value) ?? [];
    return source === undefined ? shapeOfValue(value) : evaluated(source.trim(), scope);
  }
  return partsOf(value, (name, inner) => [name, shapeOfQuery(inner, scope)]);
}

function evaluated(source: string, scope: Scope): Shape {
  try {
    return present(shapeOfExpression(parseExpression(source).tree, scope));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return unknown(scope, `an expression that cannot be read: ${source}`);
  }
}

/** What expressions of a JSONata state see. */
export function queryScope(
  sources: Sources,
  found: { readonly result?: Shape; readonly errorOutput?: Shape },
): Scope {
  const states = objectOf(
    new Map([
      ['input', sources.input],
      ['context', sources.context],
      ['result', found.result ?? NOTHING],
      ['errorOutput', found.errorOutput ?? NOTHING],
    ]),
  );
  const variables = new Map([...sources.variables, ['states', states] as const]);
  return { root: NOTHING, here: NOTHING, variables, of: sources.of };
}
