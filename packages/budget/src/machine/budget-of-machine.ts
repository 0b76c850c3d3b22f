import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { AWS_LIMITS } from '@statebag/contracts/limits';
import {
  circlesOf,
  eventsOf,
  isDistributed,
  readMachine,
  type Site,
  typeOf,
} from '@statebag/doctor/definition';
import { elementsOf } from '../expression/sequences.ts';
import type { Budget, BudgetLine } from '../line.ts';
import { heaviestPath } from '../shape/heaviest.ts';
import { lowerBound } from '../shape/lower-bound.ts';
import { shapeOfSchema } from '../shape/schema-shape.ts';
import { anything, bytesOf, joinAll, type LooseEnd, type Shape, shapeOfValue } from '../shape/shape.ts';
import { lineOf } from '../workflow/make-line.ts';
import type { SeenData } from './seen.ts';
import { dataOfMachine, type StateData } from './walk-machine.ts';

/** What is known of the data of a machine. */
export interface MachineData {
  readonly name: string;
  /** `input`, and by the names of states what their tasks answer. */
  readonly schemas?: Readonly<Record<string, JsonObject>>;
  /** Inputs of past executions, and by the names of states the results that were seen. */
  readonly seen?: SeenData;
}

/** The data at each state of any machine, in JSONPath and JSONata, against what Step Functions allows. */
export function budgetOfMachine(definition: JsonObject, { name, schemas = {}, seen }: MachineData): Budget {
  const machine = readMachine(definition);
  const { input: inputSchema, ...answers } = schemas;
  const declared = new Map(
    Object.entries(answers).map(([state, schema]) => [state, shapeOfSchema(schema, `result of ${state}`)]),
  );
  const measured = new Map(
    [...(seen?.results ?? [])].map(([state, values]) => [state, joinAll(values.map(shapeOfValue))]),
  );
  const input = inputShape(inputSchema, seen?.inputs ?? []);
  const data = dataOfMachine(machine, input, { declared, measured });
  return {
    name,
    lines: [...[...data.values()].map(lineOfState), eventsLine(machine, data)],
    assumes: [
      ...(seen && measured.size > 0
        ? [
            `results of ${[...measured.keys()].join(', ')} are no larger than in the executions that were given`,
          ]
        : []),
      ...(declared.size > 0 ? [`what ${[...declared.keys()].join(', ')} answer obeys their schemas`] : []),
      ...(inputSchema
        ? ['the input obeys its schema']
        : seen && seen.inputs.length > 0
          ? ['the input is no larger than those that were given']
          : []),
    ],
  };
}

function inputShape(schema: JsonObject | undefined, seen: readonly Json[]): Shape {
  if (schema) return shapeOfSchema(schema, 'input');
  if (seen.length > 0) return joinAll(seen.map(shapeOfValue));
  return anything([{ of: 'input', at: '', keyword: 'schema', mend: 'put its schema into input.json' }]);
}

/** The largest of what is measured at a state: its input, its arguments, its result, its output. */
function lineOfState({ site, input, argument, result, output }: StateData): BudgetLine {
  const parts = [
    { what: 'input', shape: input },
    { what: 'arguments', shape: argument },
    { what: 'result', shape: result },
    { what: 'output', shape: output },
  ].flatMap(({ what, shape }) => (shape ? [{ what, shape, bytes: bytesOf(shape) }] : []));
  const [first, ...others] = parts;
  const worst = others.reduce((most, each) => (each.bytes > most.bytes ? each : most), first ?? NONE);
  const line = lineOf(
    'transition',
    { bound: worst.bytes, at: `${site.name} · ${worst.what}`, fields: null, shape: worst.shape },
    AWS_LIMITS.transitionBytes,
  );
  const mend = line.verdict === 'over' ? over(site, worst.shape) : line.mend;
  return { ...line, field: heaviestPath(worst.shape) || null, mend };
}

const NONE = { what: 'input', shape: shapeOfValue(null), bytes: 0 };

const STORE_IT = 'or store it and pass its address (docs/offload.md)';

function over({ name }: Site, shape: Shape): string {
  const lower = lowerBound(shape, AWS_LIMITS.transitionBytes);
  if (lower)
    return `${lower.keyword} of ${lower.most.toLocaleString('en-US')} at ${lower.at === '' ? '/' : lower.at} would keep ${name} under the limit; ${STORE_IT}`;
  return `give what ${name} takes and gives lower bounds, ${STORE_IT}`;
}

const DEFAULT_ATTEMPTS = 3;

/** Events of one execution: of its states once, as often as the Maps around them have items. */
function eventsLine(
  machine: ReturnType<typeof readMachine>,
  data: ReadonlyMap<string, StateData>,
): BudgetLine {
  const circles = circlesOf(machine);
  const loose: LooseEnd[] = circles.map((circle) => ({
    of: `loop ${circle.map(({ name }) => name).join(' → ')}`,
    at: '',
    keyword: null,
    mend: 'nothing in the definition says how often it turns: go on in a new execution before 25,000 events',
  }));
  const entered = (site: Site) => timesEntered(site, data);
  const total = [...machine.sites.values()].reduce(
    (sum, site) => sum + entered(site) * (worstEvents(site) + PER_ITERATION * iterationsOf(site, data)),
    AROUND,
  );
  const bound = circles.length > 0 ? Infinity : total;
  return lineOf('history events', { bound, at: null, fields: null, loose }, AWS_LIMITS.historyEvents);
}

function worstEvents(site: Site): number {
  const retriers = Array.isArray(site.state['Retry']) ? site.state['Retry'].filter(isJsonObject) : [];
  const tries = retriers.reduce(
    (sum, retrier) => sum + Number(retrier['MaxAttempts'] ?? DEFAULT_ATTEMPTS),
    0,
  );
  return eventsOf(site) + 3 * tries;
}

/** Items of a distributed Map are executions of their own. */
function timesEntered({ within }: Site, data: ReadonlyMap<string, StateData>): number {
  if (!within) return 1;
  if (isDistributed(within)) return 0;
  return timesEntered(within, data) * (typeOf(within) === 'Map' ? iterationsOf(within, data) : 1);
}

/** The start and the end of an execution, which may be a failure after one event more. */
const AROUND = 3;
/** Of an iteration its beginning and its end; of a run of a distributed Map the same. */
const PER_ITERATION = 2;

function iterationsOf(site: Site, data: ReadonlyMap<string, StateData>): number {
  if (typeOf(site) !== 'Map') return 0;
  if (isDistributed(site)) return 1;
  const items = data.get(site.name)?.result;
  return items ? elementsOf(items).most : 0;
}
