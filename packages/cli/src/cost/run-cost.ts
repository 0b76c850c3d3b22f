import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { PRICES } from '@statebag/contracts/prices';
import type { HistoryEntry, Usage } from '@statebag/contracts/schemas/history';
import type { SpendLimit } from '@statebag/contracts/schemas/model-call';
import {
  type Amounts,
  amountsOfPlan,
  amountsOfRehearsal,
  amountsOfRun,
  type Estimate,
  estimateOf,
  readStepLines,
} from '@statebag/cost';
import { rehearse } from '@statebag/cost/rehearse';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { definitionOfRun } from '@statebag/rollout/fork';
import { seenRun } from '@statebag/rollout/replay';
import type { RunRecord } from '@statebag/runs';
import { factsOf, withChildren } from '@statebag/runs/history';
import {
  type CompiledWorkflow,
  type PriceList,
  SPEND_ACCOUNTS,
  type SpendAccount,
  type Spent,
} from '@statebag/workflow';
import type { OpenApp } from '../cloud/open-app.ts';
import { lastOf } from '../diff/compare-recorded.ts';
import { forkPlace } from '../fork/fork-run.ts';
import { ownCallsOf } from '../run/own-calls.ts';

/** A limit that a run had, and what is counted under it. */
export interface LimitView extends SpendLimit {
  readonly whose: string;
  readonly counted: Spent;
}

/** What a run was estimated to cost, may have cost at most, and did cost. */
export interface RunCost {
  readonly run: string;
  readonly status: string;
  readonly prices_read: string;
  /**
   * `estimate` is the rehearsal of its input, as `cost --input` gives it; `bound` the dearest way, with the
   * limits of the workflow; `reconciled` the rehearsal with tokens and times as they were.
   */
  readonly estimates: {
    readonly estimate?: Estimate;
    readonly bound: Estimate;
    readonly happened: Estimate;
    readonly reconciled?: Estimate;
  };
  /** By which share of what happened the reconciled dollars differ from it; null without a rehearsal. */
  readonly apart: number | null;
  readonly not_rehearsed: string | null;
  readonly limits: readonly LimitView[];
  readonly nodes: readonly (Usage & { readonly node_id: string })[];
}

/** What models cost on this machine, and what all runs may spend on one day. */
export interface Money {
  readonly prices: PriceList;
  readonly ownersDay: SpendLimit | undefined;
}

/** Reconciles the estimate of a run of this machine, its bound, and what happened. */
export async function runCost(
  app: OpenApp,
  record: RunRecord,
  { prices, ownersDay }: Money,
): Promise<RunCost> {
  const compiled = await definitionOfRun(forkPlace(app), record);
  const { execution_id, status } = record;
  const { usage, byNode } = await ownCallsOf(app, [execution_id]);
  const happened = estimateOf(withTokens(await countedOf(app, record), usage));
  const rehearsed = await rehearsedOf(app, record, { compiled, prices });
  const { estimate, reconciled } = 'why' in rehearsed ? {} : rehearsed;
  return {
    run: execution_id,
    status,
    prices_read: PRICES.read,
    estimates: {
      ...(estimate && { estimate: estimateOf(estimate) }),
      bound: estimateOf(boundOf(compiled, prices)),
      happened,
      ...(reconciled && { reconciled: estimateOf(reconciled) }),
    },
    apart: reconciled ? apartOf(estimateOf(reconciled), happened) : null,
    not_rehearsed: 'why' in rehearsed ? rehearsed.why : null,
    limits: await limitsOf(app, record, { compiled, ownersDay }),
    nodes: [...byNode]
      .filter(([, { llm_calls }]) => llm_calls > 0)
      .map(([node_id, taken]) => ({ node_id, ...taken })),
  };
}

async function countedOf(app: OpenApp, { execution_id, execution_arns }: RunRecord): Promise<Amounts> {
  const { facts } = await factsOf(app.sfn, execution_arns);
  const lines = await readStepLines(app.logs, LOCAL_APP.logGroups, execution_id);
  return amountsOfRun(await withChildren(app.sfn, facts), lines);
}

/** Tokens as the ledger has them: an invocation that was repeated tells of them again. */
function withTokens(amounts: Amounts, usage: Usage): Amounts {
  const { llm_calls, input_tokens, output_tokens, cost_nano_usd } = usage;
  return { ...amounts, llm_calls, input_tokens, output_tokens, tokens_nano_usd: cost_nano_usd };
}

type Rehearsed = { readonly estimate: Amounts; readonly reconciled: Amounts } | { readonly why: string };

async function rehearsedOf(
  app: OpenApp,
  record: RunRecord,
  { compiled, prices }: { readonly compiled: CompiledWorkflow; readonly prices: PriceList },
): Promise<Rehearsed> {
  if (record.status !== 'SUCCEEDED') return { why: `it ended ${record.status}, and a rehearsal would not` };
  if (record.generation === 'legacy') return { why: 'it is on the first generation' };
  const { seen, input } = await recordedOf(app, record);
  if (input === null) return { why: 'it did not begin with an input: a fork shares the past of its run' };
  const rehearsal = await rehearse(compiled, input, prices);
  if (rehearsal.status !== 'SUCCEEDED') return { why: `the rehearsal ends ${rehearsal.error}` };
  return {
    estimate: amountsOfRehearsal(rehearsal, compiled, []),
    reconciled: amountsOfRehearsal(rehearsal, compiled, seen),
  };
}

/** What a run noted of its nodes, and what it began with: inline, or as an upload. */
async function recordedOf(
  app: OpenApp,
  record: RunRecord,
): Promise<{ readonly seen: readonly HistoryEntry[]; readonly input: JsonObject | null }> {
  const place = forkPlace(app);
  const { history } = await seenRun(place, lastOf(record));
  const [executionArn] = record.execution_arns;
  const { input = '{}' } = await app.sfn.send(new DescribeExecutionCommand({ executionArn }));
  const start: JsonObject = JSON.parse(input); // the service took it: it is JSON
  const { input: inline = null, input_s3_path } = start;
  const given: Json =
    typeof input_s3_path === 'string'
      ? JSON.parse(Buffer.from((await place.process.store.get(input_s3_path as never)).body).toString('utf8'))
      : inline;
  return { seen: history, input: isJsonObject(given) ? given : null };
}

/** The dearest way through the plan; models take no more than the workflow allows them. */
function boundOf(compiled: CompiledWorkflow, prices: PriceList): Amounts {
  const most = amountsOfPlan(compiled, 'most', prices);
  const { max_cost_usd, budget } = compiled.workflow.options;
  const caps = [max_cost_usd, budget?.max_cost_usd].filter((cap) => cap !== undefined);
  return { ...most, tokens_nano_usd: Math.min(most.tokens_nano_usd, ...caps.map((cap) => cap * 1e9)) };
}

function apartOf(reconciled: Estimate, happened: Estimate): number {
  return Math.abs(reconciled.usd.total - happened.usd.total) / happened.usd.total;
}

/** The limits of the workflow and of the day it began on, with what stands in their accounts. */
async function limitsOf(
  { runs }: OpenApp,
  { execution_id, owner_id, started_at }: RunRecord,
  { compiled, ownersDay }: { readonly compiled: CompiledWorkflow } & Pick<Money, 'ownersDay'>,
): Promise<LimitView[]> {
  const { max_cost_usd, max_tokens, node_limits = {}, budget } = compiled.workflow.options;
  const day = started_at.slice(0, 10);
  const view = async (whose: string, limit: SpendLimit, place: SpendAccount): Promise<LimitView> => ({
    whose,
    ...(limit.max_cost_usd !== undefined && { max_cost_usd: limit.max_cost_usd }),
    ...(limit.max_tokens !== undefined && { max_tokens: limit.max_tokens }),
    counted: await runs.spent(place),
  });
  const isLimited = max_cost_usd !== undefined || max_tokens !== undefined;
  const ofRun = {
    ...(max_cost_usd !== undefined && { max_cost_usd }),
    ...(max_tokens !== undefined && { max_tokens }),
  };
  return Promise.all([
    ...(isLimited ? [view('the run', ofRun, SPEND_ACCOUNTS.run(execution_id))] : []),
    ...Object.entries(node_limits).map(([node, limit]) =>
      view(`node ${node}`, limit, SPEND_ACCOUNTS.node(execution_id, node)),
    ),
    ...(budget
      ? [view(`the budget ${budget.name}`, budget, SPEND_ACCOUNTS.budget(owner_id, budget.name))]
      : []),
    ...(ownersDay ? [view(`the day ${day} of the owner`, ownersDay, SPEND_ACCOUNTS.day(owner_id, day))] : []),
  ]);
}
