import { isJsonObject, type JsonObject } from '@statebag/contracts';
import type { CompiledWorkflow } from '@statebag/workflow';
import { cachedParser, compileFlow, inputsOf } from '@statebag/workflow/analysis';
import type { Budget } from '../line.ts';
import { shapeOfSchema } from '../shape/schema-shape.ts';
import {
  anything,
  joinAll,
  maybe,
  NULL,
  present,
  type Shape,
  shapeOfValue,
  WIDEST_CHARACTER,
} from '../shape/shape.ts';
import type { DeclaredAnswers } from './answer-shapes.ts';
import { frameOf } from './bag-frame.ts';
import { byteLines } from './byte-lines.ts';
import { countLines } from './count-lines.ts';
import { type Fields, withField } from './fields.ts';
import { LONGEST_NAMES, type NameLengths } from './names.ts';
import { pointsOf } from './points.ts';
import type { Walk } from './sight.ts';
import { throughFlow } from './walk.ts';

/** What is known besides the workflow. */
export interface Declared {
  /** By the ids of nodes: the schema of what each stores. */
  readonly answers?: DeclaredAnswers;
  /** A schema of the input, where the workflow has none. */
  readonly input?: JsonObject;
  /** `state.schema` of the document. */
  readonly state?: JsonObject;
  readonly names?: NameLengths;
}

/** Loops are gone through turn by turn, as long as it does not take longer than anybody waits. */
const MOST_VISITS = 20_000;

/** Everything that a run of the workflow may come to, before anything runs. */
export function budgetOfWorkflow(compiled: CompiledWorkflow, declared: Declared = {}): Budget {
  const { workflow } = compiled;
  const parse = cachedParser();
  const flow = compileFlow(workflow, { reducers: workflow.reducers, parse });
  const state = declaredFields(declared.state);
  const walk: Walk = {
    parse,
    answers: declared.answers ?? {},
    declared: state,
    seen: new Map(),
    left: MOST_VISITS,
  };
  const given = givenBy(compiled, declared);
  const begin = beginning(compiled, given);
  throughFlow(flow, { fields: begin, variables: new Map(), last: NULL }, walk);
  const frame = frameOf(compiled, declared.names ?? LONGEST_NAMES);
  const points = pointsOf(compiled, { seen: walk.seen, begin, frame });
  const counts = countLines({ compiled, seen: walk.seen });
  const bounds = { compiled, seen: walk.seen, points, given, historyOf: counts.historyOf };
  return {
    name: workflow.name,
    lines: [...byteLines(bounds, counts.history), ...counts.lines],
    assumes: assumptions(declared, state),
  };
}

function assumptions(
  { answers = {}, input }: Declared,
  state: ReadonlyMap<string, Shape>,
): readonly string[] {
  return [
    ...Object.keys(answers).map((id) => `what ${id} stores obeys the schema that was given for it`),
    ...(input === undefined ? [] : ['the input obeys the schema that was given for it']),
    ...(state.size === 0 ? [] : [`${[...state.keys()].join(', ')}: what is written obeys state.schema`]),
  ];
}

function declaredFields(schema: JsonObject | undefined): ReadonlyMap<string, Shape> {
  const properties = schema?.['properties'] ?? {};
  if (!isJsonObject(properties) || schema === undefined) return new Map();
  const whole = shapeOfSchema({ ...schema, type: 'object' }, 'state.schema').object?.members ?? new Map();
  return new Map([...whole].map(([name, shape]: [string, Shape]) => [name, present(shape)]));
}

/** What the input may bring, by its schemas. */
function givenBy({ workflow, manifest }: CompiledWorkflow, declared: Declared): Fields {
  const inputs = inputsOf(workflow);
  const schemas = declared.input
    ? [declared.input]
    : inputs.flatMap(({ schema }) => (schema ? [schema] : []));
  const objects = schemas.flatMap(
    (schema) => shapeOfSchema({ ...schema, type: 'object' }, 'input').object ?? [],
  );
  const others = objects.some((object) => object.others === null) ? null : UNKNOWN_FIELDS;
  const state = declaredFields(declared.state);
  const named = [...inputs.flatMap((each) => each.fields), ...(manifest.input?.known ?? [])];
  const known = new Set([...named, ...objects.flatMap(({ members }) => [...members.keys()])]);
  const members = [...known].flatMap((name): (readonly [string, Shape])[] => {
    const [shape] = objects.flatMap((object) => object.members.get(name) ?? []);
    const bounded = shape ?? state.get(name) ?? (others ? anything([undeclaredInput(name)]) : undefined);
    return bounded === undefined ? [] : [[name, maybe(bounded)]];
  });
  return { members: new Map(members), others };
}

/** The state before the first node: the input over the initial state. */
function beginning({ workflow }: CompiledWorkflow, given: Fields): Fields {
  const initial = Object.entries(workflow.initial_state).map(
    ([name, value]) => [name, shapeOfValue(value)] as const,
  );
  const begin: Fields = { members: new Map([...initial, ...given.members]), others: given.others };
  return initial.reduce((fields, [name, shape]) => {
    const brought = given.members.get(name);
    return brought ? withField(fields, name, joinAll([present(brought), shape])) : fields;
  }, begin);
}

function undeclaredInput(name: string) {
  return { of: 'input', at: `/${name}`, keyword: 'schema', mend: 'give the `input` node a `schema` with it' };
}

const LOOSE_INPUT = {
  of: 'input',
  at: '',
  keyword: 'additionalProperties',
  mend: 'give the `input` node a `schema` with `additionalProperties: false`: fields that it does not name travel with the run',
};
const UNKNOWN_FIELDS = {
  most: Infinity,
  name: { chars: Infinity, inner: Infinity, widest: WIDEST_CHARACTER, loose: LOOSE_INPUT },
  value: anything([LOOSE_INPUT]),
  loose: LOOSE_INPUT,
};
