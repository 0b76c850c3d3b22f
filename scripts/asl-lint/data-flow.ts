import { innerMachines, pathsIn, type State, type StateMachine, stepsOf } from './definition.ts';
import { join, LEAF, OPEN, objectShape, read, type Shape, same, write } from './shape.ts';

export interface FlowOptions {
  /** What the machine starts with. */
  readonly start: Shape;
  /** What a Task gets back, before ResultSelector. */
  readonly resultOf: (state: State) => Shape;
  /** What a choice proves: state → next → the data that goes there. */
  readonly proven: Readonly<Record<string, Readonly<Record<string, Shape>>>>;
  /** Paths that are there although no schema says so, by state, each with the reason. */
  readonly promised: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const CAUGHT = objectShape([
  ['Error', LEAF],
  ['Cause', LEAF],
]);

/** Follows the data through the machine and names every path that is read but not produced on every way. */
export function unproducedPaths(machine: StateMachine, options: FlowOptions): string[] {
  const problems = new Set<string>();
  const arriving = new Map<string, Shape>([[machine.StartAt, options.start]]);
  const queue = [machine.StartAt];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const state = machine.States[name];
    const input = arriving.get(name);
    if (!state || !input) continue;
    for (const [next, shape] of leaving(state, input, { ...options, name, problems })) {
      const before = arriving.get(next);
      const after = before ? join(before, shape) : shape;
      if (before && same(before, after)) continue;
      arriving.set(next, after);
      queue.push(next);
    }
  }
  return [...problems].sort();
}

interface Visit extends FlowOptions {
  readonly name: string;
  readonly problems: Set<string>;
}

function leaving(state: State, raw: Shape, visit: Visit): [string, Shape][] {
  const input = select(state.InputPath, raw, visit);
  for (const path of readPaths(state)) resolve(path, input, visit);
  for (const inner of innerMachines(state)) innerProblems(inner, state, input, visit);
  const output = select(state.OutputPath, outputOf(state, input, visit), visit);
  const caught = (state.Catch ?? []).map(({ Next, ResultPath }): [string, Shape] => [
    Next,
    place(ResultPath, input, CAUGHT),
  ]);
  const others = [state.Next, state.Default, ...(state.Choices ?? []).map(({ Next }) => Next)].filter(
    (name) => name !== undefined,
  );
  return [
    ...caught,
    ...others.map((name): [string, Shape] => [name, visit.proven[visit.name]?.[name] ?? output]),
  ];
}

function innerProblems(inner: StateMachine, state: State, input: Shape, visit: Visit): void {
  const start = state.ItemSelector
    ? template(state.ItemSelector, input, visit)
    : state.Type === 'Map'
      ? batchOf(state, input, visit)
      : input;
  for (const problem of unproducedPaths(inner, { ...visit, start })) visit.problems.add(problem);
}

/** What an execution of a Distributed Map begins with. */
function batchOf({ ItemBatcher: batcher }: State, input: Shape, visit: Visit): Shape {
  if (typeof batcher !== 'object' || batcher === null || !('BatchInput' in batcher)) return OPEN;
  return objectShape([
    ['BatchInput', template(batcher.BatchInput, input, visit)],
    ['Items', OPEN],
  ]);
}

function outputOf(state: State, input: Shape, visit: Visit): Shape {
  if (state.Type === 'Pass')
    return place(
      state.ResultPath,
      input,
      state.Parameters === undefined
        ? state.Result === undefined
          ? input
          : OPEN
        : template(state.Parameters, input, visit),
    );
  if (state.Type !== 'Task' && innerMachines(state).length === 0) return input;
  const result = state.Type === 'Task' ? visit.resultOf(state) : OPEN;
  return place(
    state.ResultPath,
    input,
    state.ResultSelector === undefined ? result : template(state.ResultSelector, result, visit),
  );
}

function place(path: string | null | undefined, input: Shape, value: Shape): Shape {
  return path === null ? input : write(input, stepsOf(path ?? '$') ?? [], value);
}

function select(path: string | null | undefined, shape: Shape, visit: Visit): Shape {
  return path === undefined ? shape : path === null ? objectShape([]) : resolve(path, shape, visit);
}

function readPaths(state: State): string[] {
  const direct = Object.entries(state).filter(
    ([key, value]) =>
      /Path$/.test(key) && !/^(Input|Output|Result)Path$/.test(key) && typeof value === 'string',
  );
  return [
    ...direct.map(([, value]) => String(value)),
    ...comparedPaths(state.Choices),
    ...templatePaths(state.Parameters),
    ...templatePaths(state.ItemSelector),
    ...['ItemReader', 'ItemBatcher', 'ResultWriter'].flatMap((part) => [
      ...templatePaths(state[part]),
      ...comparedPaths(state[part]),
    ]),
  ];
}

/** Paths a rule compares. One that it only asks the presence of need not be there. */
function comparedPaths(rule: unknown): string[] {
  if (typeof rule !== 'object' || rule === null || 'IsPresent' in rule) return [];
  return Object.entries(rule).flatMap(([key, value]) =>
    /^Variable$|Path$/.test(key) && typeof value === 'string' ? pathsIn(value) : comparedPaths(value),
  );
}

function templatePaths(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key.endsWith('.$') && typeof member === 'string' ? pathsIn(member) : templatePaths(member),
  );
}

function template(value: unknown, source: Shape, visit: Visit): Shape {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return LEAF;
  return objectShape(
    Object.entries(value).map(([key, member]): [string, Shape] => {
      if (!key.endsWith('.$') || typeof member !== 'string') return [key, template(member, source, visit)];
      const shapes = pathsIn(member).map((path) => resolve(path, source, visit));
      if (member.startsWith('$$')) return [key.slice(0, -2), OPEN];
      return [key.slice(0, -2), stepsOf(member) ? (shapes[0] ?? LEAF) : LEAF];
    }),
  );
}

function resolve(path: string, source: Shape, { name, problems, promised }: Visit): Shape {
  const steps = stepsOf(path);
  if (!steps) return OPEN;
  const found = read(source, steps);
  if (found) return found;
  if (!Object.keys(promised[name] ?? {}).some((prefix) => path === prefix || path.startsWith(`${prefix}.`)))
    problems.add(`${name}: reads ${path}, which is not produced on every way`);
  return OPEN;
}
