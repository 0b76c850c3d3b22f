import { type BudgetLine, MEASURES, type Measure, type NamedEnd, verdictOf } from '../line.ts';
import { bytesEach, bytesWithout, heaviestPath } from '../shape/heaviest.ts';
import { looseEndsOf } from '../shape/loose-ends.ts';
import { type LooseEnd, objectOf, type Shape } from '../shape/shape.ts';
import type { Fields } from './fields.ts';
import { largestField } from './points.ts';

/** Where a bound is reached, and what the state is there. */
export interface Reached {
  readonly bound: number;
  readonly at: string | null;
  readonly fields: Fields | null;
  /** The one value that it is about, where it is about one. */
  readonly shape?: Shape;
  readonly undisturbed?: number;
  /** Loose ends that are not in the state. */
  readonly loose?: readonly LooseEnd[];
}

/** A bound against its limit, with what to change where it does not hold. */
export function lineOf(measure: Measure, reached: Reached, limit: number | null): BudgetLine {
  const { bound, at, fields, shape, undisturbed } = reached;
  const verdict = verdictOf(bound, limit, undisturbed);
  const whole = shape ?? (fields && objectOf(fields.members, { others: fields.others }));
  // of the state everything is named that only a default of ours bounds
  const isTold = !Number.isFinite(bound) || measure === 'memory';
  const ends = isTold ? [...(reached.loose ?? []), ...(whole ? looseEndsOf(whole) : [])] : [];
  const loose = once(ends).map((end) => named(end, whole, limit ?? Infinity));
  const largest = fields && !shape && isOfBytes(measure) ? largestField(fields) : null;
  const inside =
    largest && fields ? heaviestPath(fields.members.get(largest.name) ?? objectOf(new Map())) : '';
  return {
    measure,
    bound,
    limit,
    verdict,
    at,
    field: largest === null ? null : `/${largest.name.replaceAll('~', '~0').replaceAll('/', '~1')}${inside}`,
    ...(undisturbed !== undefined && { undisturbed }),
    loose,
    mend: verdict === 'holds' ? null : mendOf(measure, loose),
  };
}

const isOfBytes = (measure: Measure): boolean => MEASURES[measure] === 'bytes';

function once(ends: readonly LooseEnd[]): readonly LooseEnd[] {
  return [...new Map(ends.map((end) => [`${end.of} ${end.at} ${end.keyword}`, end])).values()];
}

/** What a bound of it would cost and buy, where everything around it is bounded. */
function named(end: LooseEnd, whole: Shape | null, limit: number): NamedEnd {
  const each = whole ? bytesEach(whole, end) : null;
  const room = whole ? limit - bytesWithout(whole) : 0;
  const fits =
    each === null || each === 0 || !Number.isFinite(room) ? null : Math.max(0, Math.floor(room / each));
  return { ...end, each, fits };
}

function mendOf(measure: Measure, loose: readonly NamedEnd[]): string {
  const [first, ...others] = loose;
  if (!first) return MENDS[measure];
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return `${first.of}${first.at === '' ? '' : ` at ${first.at}`}: ${first.mend}${more}`;
}

const SMALLER = 'give the largest fields a lower `maxLength` or `maxItems`';
const FEWER_BRANCHES = 'start fewer branches at once, or work through a list with `for_each`';

const MENDS: Readonly<Record<Measure, string>> = {
  start: SMALLER,
  bag: SMALLER,
  transition: FEWER_BRANCHES,
  result: FEWER_BRANCHES,
  cause: FEWER_BRANCHES,
  callback: SMALLER,
  'map output': FEWER_BRANCHES,
  payload: SMALLER,
  'async payload': SMALLER,
  'table item': 'ask with fewer or shorter choices',
  object: SMALLER,
  memory: `read less in one segment, or ${SMALLER}`,
  items: 'raise `max_items`, or give the list a lower `maxItems`',
  'history events': FEWER_BRANCHES,
  duration: 'wait for less time, give calls a lower `timeout_ms` or loops fewer `max_iterations`',
  transitions: 'give loops fewer `max_iterations`',
  requests: 'give loops fewer `max_iterations`',
  tokens: 'give nodes a lower `max_tokens`, or limit `max_tokens` in `options`',
  dollars: 'limit `max_cost_usd` in `options`',
};
