import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { AWS_LIMITS } from '@statebag/contracts/limits';
import type { Machine, Site } from '@statebag/doctor/definition';
import { unboundedBy } from '../expression/scope.ts';
import { sameShape } from '../shape/loose-ends.ts';
import { capped } from '../shape/meet.ts';
import { anything, bytesOf, join, joinAll, NULL, objectOf, type Shape } from '../shape/shape.ts';
import { executionContext, type Onward, passageOf } from './state-flow.ts';
import type { KnownResults } from './task-result.ts';

/** The data of a state, for every way and turn in which it is entered. */
export interface StateData {
  readonly site: Site;
  readonly input: Shape;
  readonly argument: Shape | null;
  readonly result: Shape | null;
  readonly output: Shape;
}

/** What is in every state of a machine, from its input on. */
export function dataOfMachine(
  machine: Machine,
  input: Shape,
  known: KnownResults,
): ReadonlyMap<string, StateData> {
  const found = new Map<string, StateData>();
  const variables = new Map<string, Shape>();
  // variables are set here and read there: once nothing changes, everything has been seen
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const before = [...variables];
    const walk = {
      machine,
      known,
      found,
      variables,
      context: executionContext(input),
      steps: { left: MOST_STEPS },
    };
    throughProgram(machine.definition, input, walk);
    if (
      before.length === variables.size &&
      before.every(([name, shape]) => isSame(variables.get(name), shape))
    )
      break;
    if (round > 2)
      for (const [name, shape] of variables) variables.set(name, grown(shape, `$${name}`, 'the machine'));
  }
  return found;
}

const MOST_ROUNDS = 6;
const MOST_STEPS = 20_000;
const isSame = (left: Shape | undefined, right: Shape): boolean =>
  left !== undefined && sameShape(left, right);

interface MachineWalk {
  readonly machine: Machine;
  readonly known: KnownResults;
  readonly found: Map<string, StateData>;
  readonly variables: Map<string, Shape>;
  readonly context: Shape;
  readonly steps: { left: number };
}

/** Turns of a loop that are gone through one by one before what still grows is given up. */
const MOST_TURNS = 12;

/** What a program ends with. A state is looked at again as long as something new comes to it. */
function throughProgram(program: JsonObject, input: Shape, walk: MachineWalk): Shape {
  const start = String(program['StartAt']);
  const arrived = new Map<string, Shape>([[start, input]]);
  const turns = new Map<string, number>();
  const ends: Shape[] = [];
  const waiting = [start];
  const { transitionBytes: limit } = AWS_LIMITS;
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const site = walk.machine.sites.get(name);
    const shape = arrived.get(name);
    if (!site || !shape) continue;
    turns.set(name, (turns.get(name) ?? 0) + 1);
    for (const { to, data: made } of visited(site, shape, walk)) {
      // what is larger does not come there: its execution has ended
      const data = Number.isFinite(bytesOf(made)) ? capped(made, limit) : made;
      if (to === null) ends.push(data);
      else if (arrives(to, data, { arrived, turns })) waiting.push(to);
    }
  }
  return ends.length === 0 ? NULL : joinAll(ends);
}

function arrives(
  to: string,
  data: Shape,
  { arrived, turns }: { readonly arrived: Map<string, Shape>; readonly turns: ReadonlyMap<string, number> },
): boolean {
  const before = arrived.get(to);
  const together = before ? join(before, data) : data;
  if (before && sameShape(before, together)) return false;
  const isOld = (turns.get(to) ?? 0) > MOST_TURNS;
  arrived.set(to, before && isOld ? widened(before, together, to) : together);
  return true;
}

/** What still grows after so many turns has no bound that was worked out. */
function widened(before: Shape, after: Shape, name: string): Shape {
  if (!after.object || !before.object) return grown(after, '', name);
  const known = before.object.members;
  const members = [...after.object.members].map(([field, shape]): [string, Shape] => {
    const old = known.get(field);
    return [field, old && sameShape(old, shape) ? shape : grown(shape, field, name)];
  });
  return {
    ...after,
    ...objectOf(new Map(members), { others: after.object.others }),
    list: after.list,
    text: after.text,
  };
}

function grown(shape: Shape, field: string, name: string): Shape {
  const end = unboundedBy(`loop through ${name}`, field);
  return join(
    shape,
    anything([
      { ...end, mend: 'each turn may add to it: keep the list in a table or a bucket, and its name here' },
    ]),
  );
}

function visited(site: Site, input: Shape, walk: MachineWalk): readonly Onward[] {
  walk.steps.left -= 1;
  if (walk.steps.left < 0) return [];
  const inside = (program: JsonObject, begin: Shape) =>
    throughProgram(isJsonObject(program) ? program : {}, begin, walk);
  const { known, context, variables } = walk;
  const passage = passageOf(site, input, { known, context, variables, inside });
  const output = joinAll(passage.outputs.map(({ data }) => data));
  const before = walk.found.get(site.name);
  walk.found.set(site.name, {
    site,
    input: before ? join(before.input, input) : input,
    argument: both(before?.argument, passage.argument),
    result: both(before?.result, passage.result),
    output: before ? join(before.output, output) : output,
  });
  return passage.outputs;
}

const both = (left: Shape | null | undefined, right: Shape | null): Shape | null =>
  left && right ? join(left, right) : (left ?? right);
