import type { Json, JsonObject } from '@statebag/contracts';
import fc from 'fast-check';
import { expressionOver } from './expressions.ts';
import { type BoundedSchema, boundedSchema, type Fill } from './schemas.ts';

/** A workflow whose data all have a schema, and what they may be. */
export interface BoundedCase {
  readonly document: JsonObject;
  readonly input: Readonly<Record<string, BoundedSchema>>;
  /** By the ids of nodes that ask outside: what comes back. */
  readonly answers: Readonly<Record<string, BoundedSchema>>;
  /** Schemas that the document itself does not hold. */
  readonly schemas: Readonly<Record<string, JsonObject>>;
}

const FIELDS = ['a', 'b', 'c', 'd'] as const;
const field = fc.constantFrom(...FIELDS);

const expression = expressionOver(field);

const template = fc.tuple(field, field).map(([f, g]) => `"{{ ${f} }}" and\n{{ ${g} }}`);

type Step =
  | { readonly kind: 'transform'; readonly to: string; readonly value: Json }
  | { readonly kind: 'set'; readonly to: string; readonly and: string; readonly value: Json }
  | {
      readonly kind: 'ask';
      readonly to: string;
      readonly about: string;
      readonly answer: BoundedSchema;
      readonly apart: boolean;
    }
  | { readonly kind: 'call'; readonly to: string; readonly about: string; readonly answer: BoundedSchema }
  | { readonly kind: 'function'; readonly to: string; readonly about: string; readonly answer: BoundedSchema }
  | { readonly kind: 'chat'; readonly to: string; readonly answer: BoundedSchema }
  | { readonly kind: 'person'; readonly to: string; readonly about: string }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'either'; readonly on: string; readonly left: Step; readonly right: Step }
  | {
      readonly kind: 'list';
      readonly to: string;
      readonly items: string;
      readonly body: Step;
      readonly result: boolean;
      readonly shared: boolean;
    }
  | { readonly kind: 'loop'; readonly turns: number; readonly body: Step }
  | { readonly kind: 'group'; readonly left: Step; readonly right: Step };

const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: expression.map((source) => `{% ${source} %}`) },
  { weight: 1, arbitrary: template },
  {
    weight: 1,
    arbitrary: fc
      .tuple(expression, field)
      .map(([source, f]) => ({ deep: [`{% ${source} %}`, `{{ ${f} }}`] })),
  },
);

const to = fc.oneof({ weight: 4, arbitrary: field }, { weight: 1, arbitrary: fc.constant('log') });

const simple: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('transform' as const), to, value }),
  fc.record({ kind: fc.constant('set' as const), to: field, and: field, value }),
  fc.record({
    kind: fc.constant('ask' as const),
    to: field,
    about: field,
    answer: boundedSchema,
    apart: fc.constant(false),
  }),
  fc.record({ kind: fc.constant('call' as const), to: field, about: field, answer: boundedSchema }),
  fc.record({ kind: fc.constant('function' as const), to: field, about: field, answer: boundedSchema }),
);

/** A conversation grows with every turn. */
const chat: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('chat' as const),
  to: field,
  answer: boundedSchema,
});

const pausing: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('ask' as const),
    to: field,
    about: field,
    answer: boundedSchema,
    apart: fc.constant(true),
  }),
  fc.record({ kind: fc.constant('person' as const), to: field, about: field }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 5_000 }) }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: simple },
  { weight: 2, arbitrary: pausing },
  { weight: 1, arbitrary: chat },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('either' as const), on: field, left: simple, right: simple }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('list' as const),
      to,
      items: expression,
      body: simple,
      result: fc.boolean(),
      shared: fc.oneof(fc.constant(false), fc.boolean()),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('loop' as const),
      turns: fc.integer({ min: 1, max: 3 }),
      body: fc.oneof(simple, pausing, chat),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('group' as const),
      left: fc.oneof(simple, pausing),
      right: simple,
    }),
  },
);

const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:asked';

interface Drawing {
  next: number;
  readonly answers: Record<string, BoundedSchema>;
  readonly schemas: Record<string, JsonObject>;
}

interface Scope {
  readonly nodes: JsonObject[];
  readonly edges: JsonObject[];
}

/** The step as nodes between what was before and what comes: gives the ids that lead on. */
function draw(drawn: Step, before: readonly string[], scope: Scope, drawing: Drawing): readonly string[] {
  const id = `n${drawing.next++}`;
  const put = (node: JsonObject, after = before) => {
    scope.nodes.push({ id, ...node });
    scope.edges.push(...after.map((from) => ({ from, to: id })));
    return [id];
  };
  switch (drawn.kind) {
    case 'transform':
      return put({ type: 'data_transform', output_key: drawn.to, config: { transform: drawn.value } });
    case 'set':
      return put({
        type: 'operator',
        config: { set: { [drawn.to]: drawn.value, [drawn.and]: `{{ $count($keys($)) }}` } },
      });
    case 'ask':
      drawing.answers[id] = drawn.answer;
      return put({
        type: 'llm_chat',
        output_key: drawn.to,
        config: {
          prompt: `About {{ $substring($string(${drawn.about}), 0, 2000) }}`,
          response_schema: drawn.answer.schema,
          max_tokens: 100_000,
          ...(drawn.apart && { async: true }),
        },
      });
    case 'call':
      drawing.answers[id] = drawn.answer;
      drawing.schemas[id] = answerOfService(drawn.answer.schema);
      return put({
        type: 'api_call',
        output_key: drawn.to,
        config: {
          url: 'https://service.example/{{ $length($string($)) }}',
          method: 'PUT',
          body: `{% ${drawn.about} %}`,
        },
      });
    case 'function':
      drawing.answers[id] = drawn.answer;
      drawing.schemas[id] = drawn.answer.schema;
      return put({
        type: 'lambda',
        output_key: drawn.to,
        config: { function_arn: FUNCTION, payload: { of: `{% ${drawn.about} %}` }, on_unknown: 'retry' },
      });
    case 'chat':
      drawing.answers[id] = drawn.answer;
      return put({
        type: 'llm_chat',
        output_key: drawn.to,
        config: {
          messages: '{% chat %}',
          prompt: 'And {{ $count(chat) }}?',
          append_to: 'chat',
          response_schema: drawn.answer.schema,
          max_tokens: 100_000,
        },
      });
    case 'person':
      drawing.schemas[id] = DECISION;
      return put({
        type: 'human_approval',
        output_key: drawn.to,
        config: { message: `Is {{ ${drawn.about} }} good?` },
      });
    case 'wait':
      return put({ type: 'wait', config: { seconds: drawn.seconds } });
    case 'either':
      return drawEither(drawn, put, scope, drawing);
    case 'list':
      return put({
        type: 'for_each',
        output_key: drawn.to,
        config: {
          items: `{% [${drawn.items}] %}`,
          max_items: 500,
          body: bodyOf(drawn.body, drawing),
          ...(drawn.shared && { distributed: 'map_reduce' }),
          ...(drawn.result && { result: "{% { 'i': $index, 'of': $item } %}" }),
        },
      });
    case 'loop':
      return put({
        type: 'loop',
        config: {
          until: `{% $index >= ${drawn.turns - 1} %}`,
          max_iterations: drawn.turns,
          body: bodyOf(drawn.body, drawing),
        },
      });
    case 'group': {
      const branches = [drawn.left, withoutFields(drawn.right)].map((each) => bodyOf(each, drawing));
      return put({ type: 'parallel_group', config: { branches } });
    }
    default:
      return drawn satisfies never;
  }
}

function drawEither(
  { on, left, right }: Extract<Step, { kind: 'either' }>,
  put: (node: JsonObject) => readonly string[],
  scope: Scope,
  drawing: Drawing,
): readonly string[] {
  const first = `n${drawing.next}`;
  const ends = [...draw(left, [], scope, drawing)];
  const second = `n${drawing.next}`;
  ends.push(...draw(right, [], scope, drawing));
  put({
    type: 'conditional',
    config: { cases: [{ when: `{% $length($string(${on})) > 20 %}`, to: first }], default: second },
  });
  return ends;
}

/** Branches must not write the same: the second one adds to the list that has a reducer. */
function withoutFields(drawn: Step): Step {
  return 'to' in drawn && drawn.kind !== 'ask' && drawn.kind !== 'call'
    ? { kind: 'transform', to: 'log', value: 'value' in drawn ? drawn.value : 'done' }
    : { kind: 'transform', to: 'log', value: '{% $uuid() %}' };
}

function bodyOf(drawn: Step, drawing: Drawing): JsonObject {
  const scope: Scope = { nodes: [], edges: [] };
  draw(drawn, [], scope, drawing);
  return { nodes: scope.nodes, edges: scope.edges };
}

const answerOfService = (body: JsonObject): JsonObject => ({
  type: 'object',
  properties: {
    status: { const: 200 },
    headers: {
      type: 'object',
      properties: { 'content-type': { type: 'string', maxLength: 16, pattern: '^[a-z/]*$' } },
      additionalProperties: false,
    },
    body,
  },
  additionalProperties: false,
});

const LONGEST_COMMENT = 300;

/** What a person says besides a choice. */
export const commentOf = ({ character, part }: Fill): string =>
  character.repeat(Math.round(LONGEST_COMMENT * part));

/** Nobody but the test decides, with a choice and a comment. */
const DECISION: JsonObject = {
  type: 'object',
  properties: {
    choice: { enum: ['approve', 'reject'] },
    comment: { type: 'string', maxLength: LONGEST_COMMENT },
    by: { const: 'test' },
    decided_at: { type: 'string', maxLength: 24, pattern: '^[0-9A-Z:.-]*$' },
  },
  additionalProperties: false,
};

/** Workflows whose input, answers and decisions all have a schema. */
export const boundedWorkflow: fc.Arbitrary<BoundedCase> = fc
  .record({
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
    input: fc.array(boundedSchema, { minLength: 3, maxLength: 3 }),
    callsPerSegment: fc.option(fc.integer({ min: 1, max: 2 }), { nil: null }),
  })
  .map(({ steps, input: schemas, callsPerSegment }) => {
    const input = Object.fromEntries(
      schemas.map((schema, index): [string, BoundedSchema] => [FIELDS[index] ?? 'a', schema]),
    );
    const drawing: Drawing = { next: 0, answers: {}, schemas: {} };
    const scope: Scope = { nodes: [startOf(input)], edges: [] };
    let ends: readonly string[] = ['start'];
    for (const each of steps) ends = draw(each, ends, scope, drawing);
    const document = {
      name: 'bounded',
      version: '1',
      initial_state: { d: null, log: [], chat: [] },
      state: { reducers: { log: 'append' } },
      options: callsPerSegment === null ? {} : { llm_per_segment: callsPerSegment },
      ...scope,
    };
    return { document, input, answers: drawing.answers, schemas: drawing.schemas };
  });

function startOf(input: Readonly<Record<string, BoundedSchema>>): JsonObject {
  const properties = Object.fromEntries(Object.entries(input).map(([name, { schema }]) => [name, schema]));
  const schema = { type: 'object', properties, required: Object.keys(input), additionalProperties: false };
  return { id: 'start', type: 'input', config: { schema } };
}
