import type { Json, JsonObject } from '@statebag/contracts';
import fc from 'fast-check';
import { functionArn } from './machine-world.ts';
import { type BoundedSchema, boundedSchema } from './schemas.ts';

/** A machine whose input and answers have schemas. */
export interface MachineCase {
  readonly definition: JsonObject;
  readonly input: Readonly<Record<string, BoundedSchema>>;
  /** By the names of states: what their functions answer. */
  readonly answers: Readonly<Record<string, BoundedSchema>>;
}

const FIELDS = ['a', 'b', 'c'] as const;
const field = fc.constantFrom(...FIELDS);

/** Behind a `.$` key. */
const path: fc.Arbitrary<string> = fc
  .tuple(field, field)
  .chain(([f, g]) =>
    fc.constantFrom(
      `$.${f}`,
      `$['${f}']`,
      '$',
      `$$.Execution.Input.${g}`,
      '$$.Execution.Name',
      '$$.State.EnteredTime',
      `States.JsonToString($.${f})`,
      `States.Array($.${f}, $.${g}, 'text', 3)`,
      `States.Format('{} and "{}"', States.JsonToString($.${f}), $$.State.Name)`,
      `States.StringSplit(States.JsonToString($.${f}), ',:')`,
      `States.ArrayLength(States.Array($.${f}))`,
      `States.ArrayUnique(States.Array($.${f}, $.${g}, $.${f}))`,
      `States.ArrayPartition(States.Array($.${f}, $.${g}, 1), 2)`,
      `States.ArrayGetItem(States.Array($.${f}, $.${g}), 1)`,
      `States.ArrayContains(States.Array($.${f}), 1)`,
      `States.Hash(States.JsonToString($.${f}), 'SHA-256')`,
      `States.MathAdd(States.ArrayLength(States.Array($.${f})), 99)`,
      'States.ArrayRange(1, 9, 2)',
      'States.UUID()',
      `States.Array($.${f})[*]`.replace('[*]', ''),
    ),
  );

const queries: fc.Arbitrary<string> = fc.tuple(field, field, fc.nat(60)).chain(([f, g, n]) => {
  const [x, y] = [`$states.input.${f}`, `$states.input.${g}`];
  return fc.constantFrom(
    x,
    `[${x}, ${y}]`,
    `{ 'k': ${x}, 'n': ${n} }`,
    `$string(${x}) & '"' & $string(${y})`,
    `$substring($string(${x}), 0, ${n})`,
    `$count(${x})`,
    `$append(${x}, ${y})`,
    `$map([${x}], function($v, $i) { { 'v': $v, 'i': $i } })`,
    `$exists(${x}.p) ? ${x}.p : ${y}`,
    `[${x}.p]`,
    `$merge([{ 'a': ${x} }, { 'b': ${y} }])`,
    `$states.context.Execution.Input.${g}`,
    `$reduce([${x}, ${y}], function($i, $j) { $string($i) & $string($j) })`,
    `$split($string(${x}), 'x')`,
    `[1..${n}]`,
  );
});

type Part =
  | { readonly kind: 'pass'; readonly to: string; readonly path: string; readonly wraps: boolean }
  | { readonly kind: 'chosen'; readonly paths: readonly string[] }
  | {
      readonly kind: 'task';
      readonly to: string;
      readonly answer: BoundedSchema;
      readonly selects: boolean;
      readonly direct: boolean;
    }
  | { readonly kind: 'query'; readonly to: string; readonly source: string; readonly assigns: boolean }
  | { readonly kind: 'asked'; readonly to: string; readonly answer: BoundedSchema; readonly source: string }
  | { readonly kind: 'choice'; readonly on: string; readonly left: Part; readonly right: Part }
  | { readonly kind: 'map'; readonly to: string; readonly list: readonly string[]; readonly body: Part }
  | { readonly kind: 'parallel'; readonly to: string; readonly left: Part; readonly right: Part }
  | { readonly kind: 'wait' };

const plain: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), to: field, path, wraps: fc.boolean() }),
  fc.record({ kind: fc.constant('chosen' as const), paths: fc.array(path, { minLength: 3, maxLength: 3 }) }),
  fc.record({
    kind: fc.constant('task' as const),
    to: field,
    answer: boundedSchema,
    selects: fc.boolean(),
    direct: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('query' as const), to: field, source: queries, assigns: fc.boolean() }),
  fc.record({ kind: fc.constant('asked' as const), to: field, answer: boundedSchema, source: queries }),
  fc.constant({ kind: 'wait' as const }),
);

const part: fc.Arbitrary<Part> = fc.oneof(
  { weight: 6, arbitrary: plain },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('choice' as const), on: field, left: plain, right: plain }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('map' as const),
      to: field,
      list: fc.array(field, { minLength: 1, maxLength: 4 }),
      body: plain,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('parallel' as const), to: field, left: plain, right: plain }),
  },
);

interface Drawing {
  next: number;
  readonly answers: Record<string, BoundedSchema>;
}

type States = Record<string, JsonObject>;

const onward = (next: string | null): JsonObject => (next === null ? { End: true } : { Next: next });

/** Adds the states of a part, which goes on at `next`; gives the name of its first one. */
function draw(drawn: Part, next: string | null, states: States, drawing: Drawing): string {
  const name = `S${drawing.next++}`;
  const put = (state: JsonObject): string => {
    states[name] = state;
    return name;
  };
  switch (drawn.kind) {
    case 'pass': {
      const parameters: JsonObject = drawn.wraps ? { deep: { 'v.$': drawn.path } } : { 'v.$': drawn.path };
      return put({ Type: 'Pass', Parameters: parameters, ResultPath: `$.${drawn.to}`, ...onward(next) });
    }
    case 'chosen': {
      const members = drawn.paths.map((each, index): [string, Json] => [`${FIELDS[index] ?? 'a'}.$`, each]);
      return put({ Type: 'Pass', Parameters: Object.fromEntries(members), ...onward(next) });
    }
    case 'task':
      drawing.answers[name] = drawn.answer;
      return put({
        Type: 'Task',
        Resource: drawn.direct ? functionArn(name) : 'arn:aws:states:::lambda:invoke',
        ...(!drawn.direct && {
          Parameters: { FunctionName: functionArn(name), Payload: { 'given.$': `$.${drawn.to}` } },
        }),
        ...(drawn.selects && !drawn.direct && { ResultSelector: { 'only.$': '$.Payload' } }),
        ResultPath: `$.${drawn.to}`,
        ...onward(next),
      });
    case 'query':
      return put({
        Type: 'Pass',
        QueryLanguage: 'JSONata',
        ...(drawn.assigns && { Assign: { [`kept${name}`]: `{% ${drawn.source} %}` } }),
        Output: `{% $merge([$states.input, { '${drawn.to}': ${drawn.source} }]) %}`,
        ...onward(next),
      });
    case 'asked':
      drawing.answers[name] = drawn.answer;
      return put({
        Type: 'Task',
        QueryLanguage: 'JSONata',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: functionArn(name), Payload: { asked: `{% ${drawn.source} %}` } },
        Output: { ...asTheyAre(), [drawn.to]: '{% $states.result.Payload %}' },
        ...onward(next),
      });
    case 'choice': {
      const left = draw(drawn.left, next, states, drawing);
      const right = draw(drawn.right, next, states, drawing);
      return put({
        Type: 'Choice',
        Choices: [{ Variable: `$.${drawn.on}`, IsString: true, Next: left }],
        Default: right,
      });
    }
    case 'map':
      return put({
        Type: 'Map',
        ItemsPath: '$.list',
        ItemSelector: { 'a.$': '$$.Map.Item.Value', 'b.$': '$.b', 'c.$': '$$.Map.Item.Index' },
        ItemProcessor: programOf(drawn.body, drawing),
        ResultPath: `$.${drawn.to}`,
        ...onward(next),
      });
    case 'parallel':
      return put({
        Type: 'Parallel',
        Branches: [programOf(drawn.left, drawing), programOf(drawn.right, drawing)],
        ResultPath: `$.${drawn.to}`,
        ...onward(next),
      });
    case 'wait':
      return put({ Type: 'Wait', Seconds: 1, ...onward(next) });
    default:
      return drawn satisfies never;
  }
}

const asTheyAre = (): JsonObject =>
  Object.fromEntries(FIELDS.map((name) => [name, `{% $states.input.${name} %}`]));

function programOf(drawn: Part, drawing: Drawing): JsonObject {
  const states: States = {};
  const start = draw(drawn, null, states, drawing);
  return { StartAt: start, States: states };
}

/** What a Map goes through is made just before it. */
function withLists(parts: readonly Part[], states: States, drawing: Drawing): string {
  let next: string | null = null;
  for (const drawn of [...parts].reverse()) {
    next = draw(drawn, next, states, drawing);
    if (drawn.kind !== 'map') continue;
    const name = `L${drawing.next++}`;
    const list = `States.Array(${drawn.list.map((each) => `$.${each}`).join(', ')})`;
    const fields = FIELDS.map((each): [string, Json] => [`${each}.$`, `$.${each}`]);
    states[name] = {
      Type: 'Pass',
      Parameters: { ...Object.fromEntries(fields), 'list.$': list },
      Next: next,
    };
    next = name;
  }
  return next ?? '';
}

/** Machines in both languages whose input and answers have schemas. */
export const boundedMachine: fc.Arbitrary<MachineCase> = fc
  .record({
    parts: fc.array(part, { minLength: 1, maxLength: 6 }),
    input: fc.array(boundedSchema, { minLength: 3, maxLength: 3 }),
  })
  .map(({ parts, input: schemas }) => {
    const drawing: Drawing = { next: 0, answers: {} };
    const states: States = {};
    const start = withLists(parts, states, drawing);
    const input = Object.fromEntries(
      schemas.map((schema, index): [string, BoundedSchema] => [FIELDS[index] ?? 'a', schema]),
    );
    return { definition: { StartAt: start, States: states }, input, answers: drawing.answers };
  });
