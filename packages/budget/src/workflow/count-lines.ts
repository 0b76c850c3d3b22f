import { AWS_LIMITS, THRESHOLDS } from '@statebag/contracts/limits';
import { priced, sum } from '@statebag/cost';
import { OTHER_LIMITS } from '../limits.ts';
import type { BudgetLine } from '../line.ts';
import type { LooseEnd } from '../shape/shape.ts';
import type { Bounds } from './bounds.ts';
import type { Counts } from './counts.ts';
import { lineOf } from './make-line.ts';
import { countsOfRun, FURTHER_TRIES, historyOf } from './run-counts.ts';

/** Everything that is counted, and what the history of the run takes together. */
export function countLines({ compiled, seen }: Pick<Bounds, 'compiled' | 'seen'>): {
  readonly lines: readonly BudgetLine[];
  readonly history: number;
  readonly historyOf: ReadonlyMap<string, number>;
} {
  const loose: LooseEnd[] = [];
  const facts = { seen, loose, course: 'worst' } as const;
  const worst = countsOfRun(compiled, facts);
  const ofSegments = [...compiled.segments].map(
    ([id, each]) => [id as string, historyOf(each, compiled, facts)] as const,
  );
  const usual = countsOfRun(compiled, { seen, loose: [], course: 'undisturbed' });
  const { max_tokens, max_cost_usd } = compiled.workflow.options;
  const run = { at: null, fields: null };
  const tokens = ({ input_tokens, output_tokens }: Counts) => input_tokens + output_tokens;
  const guarded = (counts: Counts) => Math.min(tokens(counts), max_tokens ?? Infinity);
  const lines = [
    lineOf(
      'history events',
      { ...run, bound: eventsAtOnce(worst, compiled), undisturbed: eventsAtOnce(usual, compiled) },
      AWS_LIMITS.historyEvents,
    ),
    lineOf(
      'duration',
      { ...run, bound: worst.seconds, undisturbed: usual.seconds, loose: untilWhen(compiled) },
      OTHER_LIMITS.executionSeconds,
    ),
    lineOf('transitions', { ...run, bound: worst.transitions, undisturbed: usual.transitions }, null),
    lineOf('requests', { ...run, bound: worst.requests, undisturbed: usual.requests }, null),
    lineOf(
      'tokens',
      { ...run, bound: guarded(worst), undisturbed: guarded(usual), loose },
      max_tokens ?? null,
    ),
    lineOf(
      'dollars',
      { ...run, bound: dollars(worst, max_cost_usd), undisturbed: dollars(usual, max_cost_usd), loose },
      null,
    ),
  ];
  return { lines, history: worst.history, historyOf: new Map(ofSegments) };
}

/** A run goes on in a new execution before its history is full: with what one more segment adds. */
function eventsAtOnce({ events }: Counts, { segments }: Bounds['compiled']): number {
  const branches = [...segments.values()].flatMap(({ branches: each }) =>
    Object.values(each).map(({ length }) => length),
  );
  const turn = A_TURN + Math.max(0, ...branches) * A_BRANCH;
  return Math.min(events, THRESHOLDS.continueAsNewEvents + turn);
}

const A_TURN = 100 + 4 * 3 * FURTHER_TRIES;
const A_BRANCH = 24 + 3 * 3 * FURTHER_TRIES;

function untilWhen({ segments }: Bounds['compiled']): readonly LooseEnd[] {
  const nodes = [...segments.values()].flatMap(({ flow }) => Object.values(flow.nodes));
  return nodes
    .filter(({ type, config }) => type === 'wait' && config['seconds'] === undefined)
    .map(({ id }) => ({
      of: `node ${id}`,
      at: 'until',
      keyword: 'seconds',
      mend: 'wait for `seconds`, which have a bound',
    }));
}

const NANO = 1_000_000_000;

/** By the price table, with all of the time in which a function may work. */
function dollars(counts: Counts, most: number | undefined): number {
  const { transitions, requests, seconds, s3_puts, s3_gets, dynamodb_writes } = counts;
  const { llm_calls, input_tokens, output_tokens } = counts;
  const tokens_nano_usd = Math.min(counts.nano_usd, (most ?? Infinity) * NANO);
  const amounts = {
    ...sum([]),
    transitions,
    lambda_requests: requests,
    lambda_gb_seconds: workedSeconds(seconds, requests),
    s3_puts,
    s3_gets,
    dynamodb_writes,
    dynamodb_reads: dynamodb_writes,
    events: 10,
    llm_calls,
    input_tokens,
    output_tokens,
    tokens_nano_usd,
  };
  return priced(amounts).total;
}

const LONGEST_INVOCATION_S = 900;

/** No function works while a run waits. */
const workedSeconds = (seconds: number, requests: number): number =>
  Math.min(seconds, requests * LONGEST_INVOCATION_S);
