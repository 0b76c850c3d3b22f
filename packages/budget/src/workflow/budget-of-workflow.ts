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
import { frameOf } from './bag-bound.ts';
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
  const begin = beginning(compiled, declared);
  const end = throughFlow(flow, { fields: begin, variables: new Map(), last: NULL }, walk);
  const frame = frameOf(compiled, declared.names ?? LONGEST_NAMES);
  const points = pointsOf(compiled, { seen: walk.seen, begin, frame });
  const bounds = { compiled, seen: walk.seen, points, end: end.fields };
  const counts = countLines(bounds);
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

/** The state before the first node: the input over the initial state. */
function beginning({ workflow, manifest }: CompiledWorkflow, declared: Declared): Fields {
  const inputs = inputsOf(workflow);
  const schemas = declared.input
    ? [declared.input]
    : inputs.flatMap(({ schema }) => (schema ? [schema] : []));
  const given = schemas.map((schema) => shapeOfSchema({ ...schema, type: 'object' }, 'input').object);
  const initial = Object.entries(workflow.initial_state);
  let fields: Fields = { members: new Map(), others: null };
  for (const [name, value] of initial) fields = withField(fields, name, shapeOfValue(value));
  const state = declaredFields(declared.state);
  const named = new Set([...inputs.flatMap((each) => each.fields), ...(manifest.input?.known ?? [])]);
  const others = given.some((object) => object !== null && object.others === null) ? null : UNKNOWN_FIELDS;
  const known = new Set([...named, ...given.flatMap((object) => [...(object?.members.keys() ?? [])])]);
  for (const name of known) {
    const shapes = given.flatMap((object) => object?.members.get(name) ?? []);
    const [shape] = shapes;
    const bounded = shape ?? state.get(name) ?? (others ? anything([undeclaredInput(name)]) : undefined);
    if (bounded === undefined) continue;
    const before = fields.members.get(name);
    fields = withField(fields, name, before ? joinAll([before, bounded]) : maybe(bounded));
  }
  return { ...fields, others };
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
