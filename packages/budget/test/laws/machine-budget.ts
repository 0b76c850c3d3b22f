import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json, JsonObject } from '@statebag/contracts';
import { AWS_LIMITS } from '@statebag/contracts/limits';
import { readMachine } from '@statebag/doctor/definition';
import { type Asked, law } from '@statebag/law';
import fc from 'fast-check';
import { budgetOfMachine } from '../../src/index.ts';
import { dataOfMachine, type StateData } from '../../src/machine/walk-machine.ts';
import { looseEndsOf } from '../../src/shape/loose-ends.ts';
import { shapeOfSchema } from '../../src/shape/schema-shape.ts';
import { bytesOf, type Shape } from '../../src/shape/shape.ts';
import { type Fill, FULL, fillOf, fills } from './fills.ts';
import { playedMachine } from './machine-world.ts';
import { boundedMachine, type MachineCase } from './machines.ts';

/** What was seen of how tight the bounds are. */
export interface MachineTightness {
  readonly runs: number;
  readonly succeeded: number;
  /** Bound of a state by the largest that was seen of it. */
  readonly ratios: readonly number[];
}

/**
 * Nothing that a state of a machine takes or gives exceeds its bound, and neither does the number of events.
 * @throws naming the state and the case
 */
export async function machineBudgetsAreSound(asked: Asked): Promise<MachineTightness> {
  const ratios: number[] = [];
  let [runs, succeeded] = [0, 0];
  const property = fc.asyncProperty(boundedMachine, fills, async (drawn, drawnFills) => {
    const data = dataOf(drawn);
    const seen = new Map<string, number>();
    for (const asDrawn of [FULL, ...drawnFills.map(fillOf)]) {
      const fill = startable(drawn, asDrawn);
      const { status, events } = await played(drawn, fill);
      compareEvents(events, {
        data,
        seen,
        shown: () => JSON.stringify({ ...drawn.definition, input: inputOf(drawn, fill) }),
      });
      compareCount(events, drawn);
      runs += 1;
      succeeded += status === 'SUCCEEDED' ? 1 : 0;
    }
    for (const [what, bytes] of seen) {
      const bound = bytesOf(partOf(data, what) ?? NONE);
      if (Number.isFinite(bound)) ratios.push(bound / Math.max(1, bytes));
    }
  });
  await law(property, asked);
  return { runs, succeeded, ratios };
}

const NONE: Shape = { absent: true, plain: 0, text: null, list: null, object: null, any: null };

function inputOf({ input }: Pick<MachineCase, 'input'>, fill: Fill): JsonObject {
  return Object.fromEntries(
    Object.entries(input).map(([name, { value }]): [string, Json] => [name, value(fill)]),
  );
}

/** An execution cannot start with more than a state may have. */
function startable(drawn: MachineCase, fill: Fill): Fill {
  const isTooMuch = bytes(JSON.stringify(inputOf(drawn, fill))) > AWS_LIMITS.transitionBytes;
  return isTooMuch ? startable(drawn, { ...fill, part: fill.part / 2 }) : fill;
}

function inputSchema({ input }: MachineCase): JsonObject {
  const properties = Object.fromEntries(Object.entries(input).map(([name, { schema }]) => [name, schema]));
  return { type: 'object', properties, required: Object.keys(input), additionalProperties: false };
}

function dataOf(drawn: MachineCase): ReadonlyMap<string, StateData> {
  const declared = new Map(
    Object.entries(drawn.answers).map(([name, { schema }]) => [name, shapeOfSchema(schema, name)] as const),
  );
  return dataOfMachine(readMachine(drawn.definition), shapeOfSchema(inputSchema(drawn), 'input'), {
    declared,
    measured: new Map(),
  });
}

const played = ({ definition, input, answers }: MachineCase, fill: Fill) =>
  playedMachine(
    definition,
    inputOf({ input }, fill),
    Object.fromEntries(Object.entries(answers).map(([name, { value }]) => [name, () => value(fill)])),
  );

interface Comparison {
  readonly data: ReadonlyMap<string, StateData>;
  /** The largest that was seen, by state and part. */
  readonly seen: Map<string, number>;
  readonly shown: () => string;
}

const bytes = (text: string | undefined): number => Buffer.byteLength(text ?? '');

function partOf(data: ReadonlyMap<string, StateData>, what: string): Shape | null {
  const [state = '', part = ''] = what.split(' ');
  const found = data.get(state);
  return found ? found[part as 'input' | 'argument' | 'result' | 'output'] : null;
}

function compareEvents(events: readonly HistoryEvent[], comparison: Comparison): void {
  const stateOf = new Map<number, string>();
  for (const event of events) {
    const { id = 0, previousEventId = 0 } = event;
    const name = event.stateEnteredEventDetails?.name ?? stateOf.get(previousEventId) ?? '';
    stateOf.set(id, event.stateExitedEventDetails?.name ?? name);
    if (event.stateEnteredEventDetails)
      hold(`${name} input`, bytes(event.stateEnteredEventDetails.input), comparison);
    if (event.stateExitedEventDetails)
      hold(
        `${event.stateExitedEventDetails.name} output`,
        bytes(event.stateExitedEventDetails.output),
        comparison,
      );
    const asked =
      event.taskScheduledEventDetails?.parameters ?? event.lambdaFunctionScheduledEventDetails?.input;
    if (asked !== undefined) hold(`${name} argument`, bytes(asked), comparison);
    const answered =
      event.taskSucceededEventDetails?.output ?? event.lambdaFunctionSucceededEventDetails?.output;
    if (answered !== undefined) hold(`${name} result`, bytes(answered), comparison);
  }
}

function hold(what: string, size: number, { data, seen, shown }: Comparison): void {
  const shape = partOf(data, what);
  if (!shape) throw new Error(`${what}: ${size} bytes were seen, and nothing is known of it: ${shown()}`);
  seen.set(what, Math.max(seen.get(what) ?? 0, size));
  const bound = bytesOf(shape);
  if (size > bound)
    throw new Error(`${what}: ${size} bytes were seen, and the bound is ${bound}: ${shown()}`);
  if (!Number.isFinite(bound) && looseEndsOf(shape).length === 0)
    throw new Error(`${what} has no bound, and nothing says why: ${shown()}`);
}

function compareCount(events: readonly HistoryEvent[], drawn: MachineCase): void {
  const schemas = Object.fromEntries(
    Object.entries(drawn.answers).map(([name, { schema }]) => [name, schema]),
  );
  const budget = budgetOfMachine(drawn.definition, {
    name: 'm',
    schemas: { ...schemas, input: inputSchema(drawn) },
  });
  const line = budget.lines.find(({ measure }) => measure === 'history events');
  if (!line || events.length > line.bound)
    throw new Error(
      `${events.length} events, and the bound is ${line?.bound}: ${JSON.stringify(drawn.definition)}`,
    );
}

/** What `npm run laws -- machine-budget` prints. */
export async function prove({
  count,
  seed,
}: {
  readonly count: number;
  readonly seed: number;
}): Promise<string> {
  const { runs, succeeded, ratios } = await machineBudgetsAreSound({ cases: count, seed });
  const sorted = [...ratios].sort((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const close = ratios.filter((ratio) => ratio <= 1.5).length / ratios.length;
  return `${count} machines, ${runs} runs, ${succeeded} of them succeeded; bound / largest seen: median ${median.toFixed(2)}, at most 1.5 for ${(100 * close).toFixed(0)} % of ${ratios.length}`;
}
