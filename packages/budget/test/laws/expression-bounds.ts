import { type Asked, law } from '@statebag/law';
import { parseExpression } from '@statebag/workflow/analysis';
import fc from 'fast-check';
import { shapeOfExpression } from '../../src/expression/shape-of-expression.ts';
import { shapeOfSchema } from '../../src/shape/schema-shape.ts';
import { bytesOf, objectOf } from '../../src/shape/shape.ts';
import { expressionOver } from './expressions.ts';
import { FULL, fillOf, fills } from './fills.ts';
import { boundedSchema } from './schemas.ts';

const FIELDS = ['a', 'b', 'c', 'd'] as const;
const field = fc.constantFrom(...FIELDS);
const once = expressionOver(field);
const nested = expressionOver(
  fc.oneof(
    field,
    once.map((source) => `(${source})`),
  ),
);

/** What jsonata gives by itself; a run has its own clock and chance in their place. */
const BINDINGS = {
  now: () => '2026-01-01T00:00:00.000Z',
  uuid: () => '00000000-0000-4000-8000-000000000000',
};
const ROOM = { millis: 1_000, valueSize: Number.POSITIVE_INFINITY };

/** No value of an expression is larger than its bound; gives how many had one. @throws naming the expression */
export async function expressionsAreBounded(asked: Asked): Promise<number> {
  let bounded = 0;
  const schemas = fc.tuple(boundedSchema, boundedSchema, boundedSchema, boundedSchema);
  const property = fc.asyncProperty(nested, schemas, fills, async (source, drawn, drawnFills) => {
    const { tree, evaluate } = parseExpression(source);
    const shapes = drawn.map(
      ({ schema }, index) => [FIELDS[index] ?? 'a', shapeOfSchema(schema, 'x')] as const,
    );
    const root = objectOf(new Map(shapes));
    const shape = shapeOfExpression(tree, { root, here: root, variables: new Map(), of: 'x' });
    const bound = bytesOf(shape);
    if (Number.isFinite(bound)) bounded += 1;
    for (const fill of [FULL, ...drawnFills.map(fillOf)]) {
      const view = Object.fromEntries(drawn.map(({ value }, index) => [FIELDS[index] ?? 'a', value(fill)]));
      const value = await valueOrNothing(() => evaluate(view, BINDINGS, ROOM));
      const bytes = value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
      if (bytes > bound)
        throw new Error(`${source}: ${bytes} bytes, and the bound is ${bound}: ${JSON.stringify(view)}`);
    }
  });
  await law(property, asked);
  return bounded;
}

/** An expression that does not fit its data fails: it has no value then. */
async function valueOrNothing(evaluate: () => Promise<unknown>): Promise<unknown> {
  try {
    return await evaluate();
  } catch (error) {
    if (Object(error).code === undefined && Object(error).name !== 'Expression.LimitExceeded') throw error;
    return undefined;
  }
}
