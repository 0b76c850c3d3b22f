import { isJsonObject } from '@statebag/contracts';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import type { RunFacts } from '@statebag/runs/history';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import type { StepLine } from '@statebag/step-kit';
import { type CompiledWorkflow, type CostKind, definitionOf } from '@statebag/workflow';
import type { Amounts } from './amounts.ts';
import { ASSUMED, DEFAULT_LIST_WIDTH, FUNCTION_GB, RUN_RECORD } from './assumptions.ts';
import type { Rehearsal } from './rehearse.ts';

/** ProcessSegmentChunk, EvaluateChunk and ChunkDone. */
const TRANSITIONS_A_WORKER = 3;

/** What a run took, as its history and its functions' lines count it. */
export function amountsOfRun(
  facts: Pick<RunFacts, 'transitions' | 'lambdaInvocations'>,
  lines: readonly StepLine[],
): Amounts {
  const total = (pick: (line: StepLine) => number) => lines.reduce((all, line) => all + pick(line), 0);
  // Workers of a distributed map are executions of their own, which the run's history does not tell of; their
  // functions' lines do.
  const inWorkers = Math.max(0, lines.length - facts.lambdaInvocations);
  const { llm_calls, input_tokens, output_tokens, cost_nano_usd } = lines
    .map(({ llm }) => llm)
    .reduce(addUsage, NO_USAGE);
  return {
    ...RUN_RECORD,
    dynamodb_reads: 0,
    transitions: facts.transitions + TRANSITIONS_A_WORKER * inWorkers,
    lambda_requests: facts.lambdaInvocations + inWorkers,
    lambda_gb_seconds: total(({ duration_ms }) => Math.ceil(duration_ms) / 1_000) * FUNCTION_GB,
    s3_puts: total(({ s3 }) => s3.puts),
    s3_gets: total(({ s3 }) => s3.gets),
    llm_calls,
    input_tokens,
    output_tokens,
    tokens_nano_usd: cost_nano_usd,
  };
}

/**
 * What the rehearsed run would take: its counts, with the time and the tokens of the models as they were
 * recorded or are assumed.
 */
export function amountsOfRehearsal(
  { facts, lines, history }: Rehearsal,
  compiled: CompiledWorkflow,
  recorded: readonly HistoryEntry[],
): Amounts {
  const counted = amountsOfRun(facts, lines);
  const asked = history.filter(({ type, usage }) => (usage?.llm_calls ?? 0) > 0 && !tellsOfItsBody(type));
  const known = asked.map((entry) => meanOf(recorded, entry.node_id) ?? assumedOf(entry, compiled));
  const usage = known.map(({ usage: each }) => each).reduce(addUsage, NO_USAGE);
  const modelMs = known.reduce((total, { millis }) => total + millis, 0);
  const paused = history.filter(({ status }) => status === 'PAUSED');
  const waitWrites = paused.reduce(
    (all, { type }) => all + (WRITES_A_WAIT[definitionOf({ type }).cost] ?? 0),
    0,
  );
  return {
    ...counted,
    dynamodb_writes: counted.dynamodb_writes + waitWrites,
    lambda_gb_seconds: counted.lambda_gb_seconds + (modelMs * FUNCTION_GB) / 1_000,
    llm_calls: usage.llm_calls,
    input_tokens: usage.input_tokens,
    output_tokens: usage.output_tokens,
    tokens_nano_usd: usage.cost_nano_usd,
  };
}

/**
 * Items written to the table for one: the question, its decision and its delivery; a worker's lease and its
 * end.
 */
const WRITES_A_WAIT: Readonly<Partial<Record<CostKind, number>>> = { person: 3, model: 2 };

/**
 * Nodes whose bodies have entries of their own: theirs would count the same calls again. A list's items have
 * none.
 */
function tellsOfItsBody(type: string): boolean {
  const { kinds, eachItem } = definitionOf({ type });
  return (kinds.has('body') || kinds.has('branches')) && !eachItem;
}

interface Known {
  readonly usage: NonNullable<HistoryEntry['usage']>;
  readonly millis: number;
}

/** The mean of what a node took in the recorded run; nothing where it did not run there. */
function meanOf(recorded: readonly HistoryEntry[], node: string): Known | undefined {
  const entries = recorded.filter(({ node_id, usage }) => node_id === node && usage !== undefined);
  if (entries.length === 0) return undefined;
  const { llm_calls, input_tokens, output_tokens, cost_nano_usd } = entries
    .map(({ usage = NO_USAGE }) => usage)
    .reduce(addUsage, NO_USAGE);
  const share = (value: number) => value / entries.length;
  const millis = entries.reduce(
    (total, { started_at, ended_at }) => total + Math.max(0, Date.parse(ended_at) - Date.parse(started_at)),
    0,
  );
  const usage = {
    llm_calls: share(llm_calls),
    input_tokens: share(input_tokens),
    output_tokens: share(output_tokens),
    cost_nano_usd: share(cost_nano_usd),
  };
  return { usage, millis: share(millis) };
}

/**
 * As many tokens as the mock counts, and the time a call is expected to take; a list makes several calls at
 * once.
 */
function assumedOf({ node_id, usage = NO_USAGE }: HistoryEntry, { segments }: CompiledWorkflow): Known {
  const config =
    [...segments.values()].map(({ flow }) => flow.nodes[node_id]?.config).find(isJsonObject) ?? {};
  const atOnce = config['items'] === undefined ? 1 : Number(config['max_concurrency'] ?? DEFAULT_LIST_WIDTH);
  return {
    usage,
    millis: (usage.llm_calls * Number(config['expected_ms'] ?? ASSUMED.usual.modelMs)) / atOnce,
  };
}
