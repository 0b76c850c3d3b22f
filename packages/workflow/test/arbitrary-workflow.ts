import type { Json, JsonObject } from '@statebag/contracts';
import fc from 'fast-check';
import { type Drawn, renderScope } from './render-scope.ts';

/** A document with an input that it runs on. */
export interface WorkflowCase {
  readonly document: JsonObject;
  readonly input: JsonObject;
  /** Documents that it uses as subgraphs, by the names of their files. */
  readonly files: Readonly<Record<string, string>>;
}

/** Fields every generated workflow begins with; `log` has a reducer. */
const FIELDS = ['a', 'b', 'c', 'd', 'e'] as const;

const field = fc.constantFrom(...FIELDS);
/** Short, so that values do not double from node to node. */
const short = (name: string) => `$substring($string(${name}), 0, 60)`;

/** Expressions that are good for any state: reading one field, several, everything, chance and clock. */
const expression: fc.Arbitrary<string> = fc.oneof(
  field.map((name) => `{ 'was': ${short(name)}, 'length': $length($string(${name})) }`),
  fc.tuple(field, field).map(([left, right]) => `[${short(left)}, ${short(right)}]`),
  field.map((name) => `$.${name} = null ? 'nothing' : ${short(`$$.${name}`)}`),
  fc.constant("$count($keys($)) & ' fields'"),
  fc.constantFrom('$uuid()', '$random()', '$now()', '$millis()'),
  fc.constant("$exists($index) ? $index : 'in no body'"),
  fc
    .tuple(field, fc.nat(9))
    .map(
      ([name, number]) =>
        `$reduce([1..${number + 1}], function($sum, $n) { $sum + $n }, $length($string(${name})))`,
    ),
);

const sequence = (of: fc.Arbitrary<Drawn>, most: number) => fc.array(of, { minLength: 1, maxLength: most });

/** What may be drawn at one place. */
interface Place {
  readonly depth: number;
  /** Fields that may be written: branches of one group must not write the same. */
  readonly writable: readonly string[];
  readonly groups: boolean;
  readonly waits: boolean;
  readonly approvals: boolean;
  readonly workers: boolean;
  readonly maps: boolean;
  readonly uses: boolean;
  readonly retries: boolean;
}

function plain({ writable, workers, retries }: Place): fc.Arbitrary<Drawn> {
  const to = fc.constantFrom(...writable);
  const transform = fc.record({
    kind: fc.constant('transform' as const),
    to: fc.oneof(to, fc.constant('log')),
    expression,
  });
  const llm = fc.record({
    kind: fc.constant('llm' as const),
    to,
    about: field,
    asJson: fc.boolean(),
    apart: workers ? fc.boolean() : fc.constant(false),
    again: retries ? fc.constantFrom(0.5, 30) : fc.option(fc.constantFrom(0.5, 30)),
  });
  const operator = fc.record({ kind: fc.constant('operator' as const), to, and: to, expression });
  return fc.oneof(transform, transform, llm, operator);
}

const LIST = {
  kind: fc.constant('for_each' as const),
  count: fc.nat(5),
  width: fc.integer({ min: 1, max: 3 }),
};

function drawn(place: Place): fc.Arbitrary<Drawn> {
  if (place.depth === 0) return plain(place);
  const inner = drawn({ ...place, depth: place.depth - 1 });
  const ofItem = sequence(drawn({ ...place, depth: place.depth - 1, waits: false, approvals: false }), 2);
  const to = fc.constantFrom(...place.writable);
  return fc.oneof(
    { weight: 4, arbitrary: plain(place) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('conditional' as const),
        on: field,
        least: fc.nat(40),
        taken: sequence(inner, 2),
        otherwise: sequence(inner, 2),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        ...LIST,
        to,
        body: ofItem,
        shared: place.maps ? fc.boolean() : fc.constant(false),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('loop' as const),
        on: field,
        times: fc.integer({ min: 1, max: 3 }),
        cutShort: fc.boolean(),
        body: sequence(inner, 2),
      }),
    },
    {
      weight: place.uses ? 2 : 0,
      arbitrary: fc.record({
        kind: fc.constant('use' as const),
        to,
        about: field,
        initial: initialState,
        // a file is a workflow of its own: whatever is around, it may write all of its fields
        body: sequence(drawn({ ...place, writable: FIELDS, depth: place.depth - 1 }), 2),
      }),
    },
    { weight: place.groups && place.writable.length > 1 ? 2 : 0, arbitrary: group(place) },
    {
      weight: place.approvals ? 1 : 0,
      arbitrary: fc.record({ kind: fc.constant('approval' as const), to, about: field }),
    },
    {
      weight: place.waits ? 1 : 0,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
    },
  );
}

/** Fields before the first node, each of some value. */
const initialState: fc.Arbitrary<JsonObject> = fc
  .array(fc.nat(99), { minLength: 5, maxLength: 5 })
  .map((values) => ({
    ...Object.fromEntries(FIELDS.map((name, index) => [name, values[index] ?? null])),
    log: [],
  }));

/** Each branch writes fields of its own. */
function group(place: Place): fc.Arbitrary<Drawn> {
  const middle = Math.max(1, Math.floor(place.writable.length / 2));
  const shares = [place.writable.slice(0, middle), place.writable.slice(middle)].filter(
    (share) => share.length > 0,
  );
  const branches = shares.map((writable) =>
    sequence(drawn({ ...place, writable, depth: place.depth - 1 }), 3),
  );
  return fc.record({ kind: fc.constant('group' as const), branches: fc.tuple(...branches) });
}

const value: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 4 }),
  fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.integer(), { maxKeys: 3 }),
);

/** Long enough to leave the bag. */
const large = fc
  .integer({ min: 1, max: 8 })
  .map((times) => 'A sentence that is long enough to matter. '.repeat(times * 100));

interface Extent {
  readonly depth?: number;
  readonly most?: number;
  /** Also parallel groups, nested in each other. */
  readonly groups?: boolean;
  /** Also waits of up to a minute, in loops too, not in items. */
  readonly waits?: boolean;
  /** Also approvals, where waits may be. */
  readonly approvals?: boolean;
  /** Also model calls that a worker of its own makes; in items they are made on the spot. */
  readonly workers?: boolean;
  /** Also lists that many workers share; in items they are worked through on the spot. */
  readonly maps?: boolean;
  /** Also other documents as subgraphs, in each other and everywhere. */
  readonly uses?: boolean;
  /** Every model call is made again where it fails; otherwise only some are. */
  readonly retries?: boolean;
}

/**
 * Workflows over the types that one execution runs alone, with conditions, lists and loops nested in each
 * other.
 */
export function arbitraryWorkflow({
  depth = 2,
  most = 6,
  groups = false,
  waits = false,
  approvals = false,
  workers = false,
  maps = false,
  uses = false,
  retries = false,
}: Extent = {}): fc.Arbitrary<WorkflowCase> {
  const step = drawn({ depth, writable: FIELDS, groups, waits, approvals, workers, maps, uses, retries });
  const input = fc.record({ a: fc.oneof(value, large), b: value, c: value }, { requiredKeys: [] });
  const callsPerSegment = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null });
  return fc
    .record({
      steps: sequence(step, most),
      input,
      callsPerSegment,
      initial: fc.array(value, { minLength: 5, maxLength: 5 }),
    })
    .map(({ steps, input: given, callsPerSegment: calls, initial }) => {
      const { files, ...scope } = renderScope(steps);
      const document = {
        name: 'generated',
        version: '1',
        initial_state: {
          ...Object.fromEntries(FIELDS.map((name, index) => [name, initial[index] ?? null])),
          log: [],
        },
        state: { reducers: { log: 'append' } },
        options: calls === null ? {} : { llm_per_segment: calls },
        ...scope,
      };
      return { document, input: given, files };
    });
}
