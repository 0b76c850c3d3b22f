import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { isDistributed, isLambda, programsOf, type Site, typeOf } from '@statebag/doctor/definition';
import { unboundedBy } from '../expression/scope.ts';
import { elementsOf } from '../expression/sequences.ts';
import {
  anything,
  bytesOf,
  joinAll,
  listOf,
  NULL,
  NUMBER,
  objectOf,
  present,
  type Shape,
  shapeOfValue,
  textOf,
} from '../shape/shape.ts';
import { placedAt, type Sources, shapeAtPath, unknownAt } from './path-shape.ts';
import { errorShape, type KnownResults, resultOf } from './task-result.ts';
import { queryScope, shapeOfQuery, shapeOfTemplate } from './template-shape.ts';

/** What a state makes of its input: the data of its work, and what goes on where. */
export interface StatePassage {
  readonly argument: Shape | null;
  readonly result: Shape | null;
  readonly outputs: readonly Onward[];
}

export interface Onward {
  /** Null where the program ends. */
  readonly to: string | null;
  readonly data: Shape;
}

export interface Around {
  readonly known: KnownResults;
  readonly context: Shape;
  readonly variables: Map<string, Shape>;
  /** What a program that is inside of a state ends with. */
  readonly inside: (program: JsonObject, input: Shape) => Shape;
}

/** What a state hands on for every value that its input may be. */
export function passageOf(site: Site, input: Shape, around: Around): StatePassage {
  const sources = {
    input,
    context: contextAt(around.context, input),
    variables: around.variables,
    of: `state ${site.name}`,
  };
  return site.language === 'JSONata' ? queried(site, sources, around) : byPaths(site, sources, around);
}

/** `$$`: the execution, the state, and the item of a Map that the state is in. */
function contextAt(context: Shape, input: Shape): Shape {
  const members = new Map([...(context.object?.members ?? [])]);
  members.set('State', objectOf(new Map([['Input', input], ...STATE_CONTEXT])));
  return objectOf(members);
}

const TIME = textOf('2026-01-01T00:00:00.000Z'.length, 1);
const STATE_CONTEXT: readonly (readonly [string, Shape])[] = [
  ['Name', textOf(80)],
  ['EnteredTime', TIME],
  ['RetryCount', NUMBER],
];
const ARN = textOf(400, 1);

/** What every state sees of its execution. */
export function executionContext(input: Shape): Shape {
  const execution = objectOf(
    new Map([
      ['Id', ARN],
      ['Input', input],
      ['Name', textOf(80)],
      ['RoleArn', ARN],
      ['StartTime', TIME],
      ['RedriveCount', NUMBER],
      ['RedriveTime', TIME],
    ]),
  );
  const machine = objectOf(
    new Map([
      ['Id', ARN],
      ['Name', textOf(80)],
    ]),
  );
  return objectOf(
    new Map([
      ['Execution', execution],
      ['StateMachine', machine],
      ['Task', objectOf(new Map([['Token', textOf(2_048, 1)]]))],
    ]),
  );
}

function waysOf({ state }: Site): readonly (string | null)[] {
  if (typeof state['Next'] === 'string') return [state['Next']];
  const type = String(state['Type']);
  return state['End'] === true || type === 'Succeed' ? [null] : [];
}

/** Work that is the same in both languages. */
interface Work {
  readonly site: Site;
  readonly sources: Sources;
  readonly around: Around;
  readonly argument: Shape;
}

function workedBy({ site, sources, around, argument }: Work): Shape | null {
  switch (typeOf(site)) {
    case 'Task':
      return resultOf(site, argument, around.known);
    case 'Parallel': {
      const ends = programsOf(site).map(([, program]) => around.inside(program, argument));
      const cap = 2 + ends.reduce((sum, end) => sum + bytesOf(end) + 1, 0);
      return listOf(ends.length, joinAll(ends), { cap });
    }
    case 'Map':
      return mapped({ site, sources, around, argument });
    case 'Pass':
      return site.state['Result'] === undefined ? argument : shapeOfValue(site.state['Result']);
    default:
      return null;
  }
}

function mapped({ site, sources, around, argument }: Work): Shape {
  const { state } = site;
  const items = itemsOf(site, sources, argument);
  const { most, each } = elementsOf(items);
  const item = objectOf(
    new Map([
      ['Index', NUMBER],
      ['Value', each],
    ]),
  );
  const context = objectOf(
    new Map([...(sources.context.object?.members ?? []), ['Map', objectOf(new Map([['Item', item]]))]]),
  );
  const here = { ...sources, context, input: site.language === 'JSONata' ? sources.input : argument };
  const selector = state['ItemSelector'] ?? state['Parameters'];
  const begun =
    selector === undefined
      ? each
      : site.language === 'JSONata'
        ? shapeOfQuery(selector, queryScope(here, {}))
        : shapeOfTemplate(selector, here);
  const [program] = programsOf(site);
  const end = program ? around.inside(program[1], begun) : NULL;
  if (isDistributed(site) && state['ResultWriter'] !== undefined) return WRITTEN;
  return listOf(most, end, { loose: items.list?.loose ?? items.any?.loose[0] ?? null });
}

/** Where the results of a distributed Map lie. */
const WRITTEN = objectOf(
  new Map([
    ['MapRunArn', ARN],
    [
      'ResultWriterDetails',
      objectOf(
        new Map([
          ['Bucket', textOf(63, 1)],
          ['Key', textOf(1_024)],
        ]),
      ),
    ],
  ]),
);

function itemsOf(site: Site, sources: Sources, argument: Shape): Shape {
  const { state } = site;
  if (state['ItemReader'] !== undefined) {
    const end = {
      ...unboundedBy(sources.of, 'ItemReader'),
      mend: 'its items come from outside; give a Map of its own machine their schema as input',
    };
    return listOf(Infinity, anything([end]), { loose: end });
  }
  if (site.language === 'JSONata')
    return state['Items'] === undefined
      ? sources.input
      : shapeOfQuery(state['Items'], queryScope(sources, {}));
  const path = state['ItemsPath'];
  return typeof path === 'string' ? present(shapeAtPath(path, { ...sources, input: argument })) : argument;
}

const WORKS: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);
const EMPTY = objectOf(new Map());

function filtered(path: Json | undefined, input: Shape, sources: Sources): Shape {
  if (path === null) return EMPTY;
  return typeof path === 'string' && path !== '$' ? present(shapeAtPath(path, { ...sources, input })) : input;
}

function byPaths(site: Site, sources: Sources, around: Around): StatePassage {
  const { state } = site;
  const type = typeOf(site);
  const effective = filtered(state['InputPath'], sources.input, sources);
  const template = type === 'Map' ? undefined : state['Parameters'];
  const argument =
    template === undefined ? effective : shapeOfTemplate(template, { ...sources, input: effective });
  const result = workedBy({ site, sources, around, argument });
  const select = state['ResultSelector'];
  const selected =
    result && select !== undefined
      ? shapeOfTemplate(select, { ...sources, input: result })
      : (result ?? effective);
  const placed = result ? placedIn(state['ResultPath'], sources, selected) : effective;
  const data = filtered(state['OutputPath'], placed, sources);
  assign(state['Assign'], around, (value) => shapeOfTemplate(value, { ...sources, input: selected }));
  const choices = rulesOf(state).flatMap((rule) => {
    assign(rule['Assign'], around, (value) => shapeOfTemplate(value, { ...sources, input: data }));
    return typeof rule['Next'] === 'string' ? [{ to: rule['Next'], data }] : [];
  });
  const otherwise = typeof state['Default'] === 'string' ? [{ to: state['Default'], data }] : [];
  const caught = catchersOf(state).map((catcher) => {
    const error = errorShape(isLambda(site));
    assign(catcher['Assign'], around, (value) => shapeOfTemplate(value, { ...sources, input: error }));
    return { to: String(catcher['Next']), data: placedIn(catcher['ResultPath'], sources, error) };
  });
  const onward = waysOf(site).map((to) => ({ to, data }));
  const isWork = WORKS.has(type);
  return {
    argument: isWork ? argument : null,
    result: isWork ? result : null,
    outputs: [...choices, ...otherwise, ...onward, ...caught],
  };
}

function placedIn(path: Json | undefined, sources: Sources, value: Shape): Shape {
  if (path === null) return sources.input;
  if (typeof path !== 'string' || path === '$') return value;
  return placedAt(path, sources.input, value) ?? unknownAt(path, sources);
}

const objectsIn = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
const rulesOf = (state: JsonObject) => objectsIn(state['Choices']);
const catchersOf = (state: JsonObject) => objectsIn(state['Catch']);

function assign(fields: Json | undefined, { variables }: Around, shapeOf: (value: Json) => Shape): void {
  if (fields === undefined || !isJsonObject(fields)) return;
  for (const [name, value] of shapeOf(fields).object?.members ?? []) {
    const before = variables.get(name);
    variables.set(name, before ? joinAll([before, value]) : value);
  }
}

function queried(site: Site, sources: Sources, around: Around): StatePassage {
  const { state } = site;
  const type = typeOf(site);
  const plain = queryScope(sources, {});
  const argument = state['Arguments'] === undefined ? sources.input : shapeOfQuery(state['Arguments'], plain);
  const result = workedBy({ site, sources, around, argument });
  const isWork = WORKS.has(type);
  const scope = isWork && result ? queryScope(sources, { result }) : plain;
  const output = (holder: JsonObject, given: typeof scope, otherwise: Shape): Shape => {
    assign(holder['Assign'], around, (value) => shapeOfQuery(value, given));
    return holder['Output'] === undefined ? otherwise : shapeOfQuery(holder['Output'], given);
  };
  const data = output(state, scope, isWork && result ? result : sources.input);
  const choices = rulesOf(state).flatMap((rule) =>
    typeof rule['Next'] === 'string' ? [{ to: rule['Next'], data: output(rule, plain, data) }] : [],
  );
  const otherwise = typeof state['Default'] === 'string' ? [{ to: state['Default'], data }] : [];
  const caught = catchersOf(state).map((catcher) => {
    const error = errorShape(isLambda(site));
    return {
      to: String(catcher['Next']),
      data: output(catcher, queryScope(sources, { errorOutput: error }), error),
    };
  });
  const onward = waysOf(site).map((to) => ({ to, data }));
  return {
    argument: isWork ? argument : null,
    result: isWork ? result : null,
    outputs: [...choices, ...otherwise, ...onward, ...caught],
  };
}
