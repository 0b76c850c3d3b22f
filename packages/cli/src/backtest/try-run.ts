import { createHash } from 'node:crypto';
import { isStatebagError, StatebagError } from '@statebag/contracts';
import { forkId } from '@statebag/contracts/fork-lineage';
import type { ExecutionId } from '@statebag/contracts/ids';
import {
  differencesOf,
  type FieldDifference,
  type Outcome,
  outerNodes,
  picked,
  timeInNodes,
} from '@statebag/rollout/backtest';
import { definitionOfRun, type PlannedFork, planFork, startFork } from '@statebag/rollout/fork';
import type { RunRecord } from '@statebag/runs';
import { addUsage } from '@statebag/state-core/core/usage';
import { callApi } from '../cloud/call-api.ts';
import type { OpenApp } from '../cloud/open-app.ts';
import { decisionsOfParent, forkPlace } from '../fork/fork-run.ts';
import { whileAnnouncing } from '../run/announce-approvals.ts';
import type { Decisions } from '../run/decisions.ts';
import { ownCallsOf } from '../run/own-calls.ts';
import type { BacktestLedger, Begun } from './backtest-ledger.ts';
import { type EndedRun, endOf, ranOutAt, untilEnded } from './ended-run.ts';
import { type Judgement, judge } from './judge.ts';
import { withBudget } from './with-budget.ts';

/** What trying runs takes. */
export interface Trying {
  readonly app: OpenApp;
  readonly ledger: BacktestLedger;
  readonly dataDir: string;
  readonly max_cost_usd: number | null;
  readonly signal: AbortSignal;
}

/** What a fork asks and nobody has answered in its run. */
class AsksAPerson extends Error {
  override readonly name = 'Run.AsksAPerson';
}

/** Tries one past run with the new workflow, or goes on with trying it. */
export async function tryRun(run: ExecutionId, trying: Trying): Promise<Outcome | 'out of money'> {
  const { app, ledger, max_cost_usd } = trying;
  try {
    const original = await runStillThere(app, run);
    for (;;) {
      const outcome = await followed(original, await begunFork(original, trying), trying);
      // a fork that began under another budget ends by that one, and says nothing of this one
      if (outcome !== 'out of money' || ledger.begun(run).at(-1)?.max_cost_usd === max_cost_usd)
        return outcome;
    }
  } catch (error) {
    const said = refusalIn(error);
    if (said === undefined) throw error;
    const fork = ledger.begun(run).at(-1)?.fork ?? null;
    const { usage: paid } = await ownCallsOf(app, forksOf(run, trying));
    const nothing = { differences: [], judged: null, before: null, after: null };
    return { run, fork, verdict: 'failed', error: said, ...nothing, paid };
  }
}

/** @throws `Run.NotFound` where it was removed since the backtest began */
async function runStillThere({ runs }: OpenApp, run: ExecutionId): Promise<RunRecord> {
  const record = await runs.getRun(run);
  if (record) return record;
  throw new StatebagError('Run.NotFound', `run ${run} is not there any more`);
}

/** What is wrong with the run, not with the backtest. */
const OF_THE_RUN: ReadonlySet<string> = new Set([
  'Run.NotFound',
  'Run.NotForkable',
  'Pointer.LookAlike',
  'Store.ObjectMissing',
  'Store.ObjectCorrupt',
]);

function refusalIn(error: unknown): Outcome['error'] | undefined {
  if (error instanceof AsksAPerson) return { name: error.name, message: error.message };
  if (!isStatebagError(error) || !OF_THE_RUN.has(error.name)) return undefined;
  return { name: error.name, message: error.message };
}

/** The fork of the run that is under way, or the next one, which is written down before it begins. */
async function begunFork(original: RunRecord, trying: Trying): Promise<PlannedFork> {
  const { ledger, app, max_cost_usd } = trying;
  const { execution_id: run } = original;
  const before = ledger.begun(run).at(-1);
  const ranOut = ledger.ranOut(run);
  if (before !== undefined && ranOut === undefined) return plannedOf(before, trying);
  const parent = before?.fork ?? run;
  const wanted = { ledger, max_cost_usd, attempt: ledger.begun(run).length };
  const { mark, fork } = await freeMark(app, parent, wanted);
  const begun: Begun = { run, parent, fork, mark, max_cost_usd, at: ranOut?.at ?? null };
  // a run that cannot be forked is not written down as begun
  const planned = await plannedOf(begun, trying);
  ledger.add({ what: 'begun', ...begun });
  return planned;
}

/** The same for whoever goes on with the same backtest, and not that of another fork. */
async function freeMark(
  { runs }: OpenApp,
  parent: ExecutionId,
  wanted: Pick<Trying, 'ledger' | 'max_cost_usd'> & { readonly attempt: number },
): Promise<Pick<Begun, 'mark' | 'fork'>> {
  const { id, workflow } = wanted.ledger.plan;
  const { definition_id } = withBudget(workflow, id, wanted.max_cost_usd);
  for (let turn = 0; ; turn += 1) {
    const hash = createHash('sha256')
      .update(JSON.stringify([id, parent, wanted.attempt, turn]))
      .digest();
    const mark = (hash.readUInt32BE(0) % 36 ** 4).toString(36).padStart(4, '0');
    const fork = forkId(parent, mark);
    const there = await runs.getRun(fork);
    if (there === undefined || there.definition_id === definition_id) return { mark, fork };
  }
}

async function plannedOf({ parent, mark, max_cost_usd, at }: Begun, trying: Trying): Promise<PlannedFork> {
  const { app, ledger } = trying;
  const { id, workflow } = ledger.plan;
  return planFork(forkPlace(app), {
    parent: await runStillThere(app, parent),
    workflow: withBudget(workflow, id, max_cost_usd),
    mark,
    ...(at !== null && { at }),
  });
}

/** Begins the fork where it has not begun, waits for its end, and compares. */
async function followed(
  original: RunRecord,
  planned: PlannedFork,
  trying: Trying,
): Promise<Outcome | 'out of money'> {
  const { app, ledger } = trying;
  const fork = await startFork(forkPlace(app), planned);
  await endedFork({ ...planned, parent: original }, fork, trying);
  const after = await endOf(app, fork);
  const spentAt = await ranOutAt(app, fork, after, ledger.plan.id);
  if (spentAt === undefined) return compared(original, { fork, after, planned }, trying);
  const { execution_id: run } = original;
  const at = firstOf(spentAt, planned);
  ledger.add({ what: 'out of money', run, fork: fork.execution_id, at });
  return 'out of money';
}

/** The first of the nodes, as a node of a segment: a fork cannot begin inside of a list. */
function firstOf(nodes: readonly string[], { definition }: PlannedFork): string | null {
  const wanted = new Set(nodes);
  for (const [node, outermost] of outerNodes(definition)) if (wanted.has(node)) return outermost;
  return null;
}

async function endedFork(planned: PlannedFork, fork: RunRecord, trying: Trying): Promise<void> {
  const { app, dataDir, signal } = trying;
  const { execution_id: run, execution_arns } = fork;
  const decisions = behindThose(await decisionsOfParent(app, planned), await decidedIn(app, run));
  const unanswered = (node: string) => {
    throw new AsksAPerson(`${node} asks what nobody was asked in the run`);
  };
  try {
    await whileAnnouncing(
      app,
      { run, dataDir, decisions, say: () => {}, unanswered },
      untilEnded(app, execution_arns, signal),
    );
  } catch (error) {
    if (error instanceof AsksAPerson) await callApi(app, `POST /runs/${encodeURIComponent(run)}/cancel`);
    throw error;
  }
}

/** How many questions of each node of a run are answered. */
async function decidedIn({ runs }: OpenApp, run: ExecutionId): Promise<ReadonlyMap<string, number>> {
  const decided = (await runs.listApprovals(run)).filter(({ decision }) => decision !== undefined);
  const byNode = Map.groupBy(decided, ({ request }) => String(request.node_id));
  return new Map([...byNode].map(([node, all]) => [node, all.length]));
}

/** A fork that goes on has heard the first answers already. */
function behindThose(decisions: Decisions, heard: ReadonlyMap<string, number>): Decisions {
  for (const [node, count] of heard) for (let turn = 0; turn < count; turn += 1) decisions.next(node);
  return decisions;
}

interface Tried {
  readonly fork: RunRecord;
  readonly after: EndedRun;
  readonly planned: PlannedFork;
}

async function compared(
  original: RunRecord,
  { fork, after, planned }: Tried,
  trying: Trying,
): Promise<Outcome | 'out of money'> {
  const { app, ledger } = trying;
  const { fields } = ledger.plan;
  const { execution_id: run } = original;
  const before = await endOf(app, original);
  const failed = after.seen.status !== 'SUCCEEDED' && before.seen.status !== after.seen.status;
  const { workflow } = planned.definition;
  const differences = failed ? [] : differencesOf(before.seen, after.seen, { workflow, fields });
  const judgement = await judgedPair({ fork: fork.execution_id, before, after, differences }, trying);
  if (judgement.judged === 'out of money') return 'out of money';
  const own = await ownCallsOf(app, forksOf(run, trying));
  const judges = await ownCallsOf(app, judgement.run === null ? [] : [judgement.run]);
  const old = await definitionOfRun(forkPlace(app), original);
  const taken = { over: before.history, calledBy: new Set(own.byNode.keys()) };
  return {
    run,
    fork: fork.execution_id,
    verdict: failed ? 'failed' : differences.length === 0 ? 'same' : 'different',
    differences,
    error: failed ? (after.seen.error ?? { name: after.seen.status, message: '' }) : null,
    judged: judgement.judged,
    before: { usage: before.usage, node_ms: timeInNodes(before.history, old) },
    after: { usage: after.usage, node_ms: timeInNodes(after.history, planned.definition, taken) },
    paid: addUsage(own.usage, judges.usage),
  };
}

interface Pair {
  readonly fork: string;
  readonly before: EndedRun;
  readonly after: EndedRun;
  readonly differences: readonly FieldDifference[];
}

/** A judge looks at what is different, and at nothing else. */
async function judgedPair(
  { fork, before, after, differences }: Pair,
  trying: Trying,
): Promise<Judgement | { readonly judged: null; readonly run: null }> {
  const { id, fields, judge: plan } = trying.ledger.plan;
  if (plan === null || differences.length === 0) return { judged: null, run: null };
  const state = ({ seen }: EndedRun) => (fields === 'all' ? seen.state : picked(seen.state, fields));
  const different = differences.map(({ field }) => field);
  const given = { fork, before: state(before), after: state(after), different };
  return judge(plan, given, { ...trying, backtest: id });
}

function forksOf(run: ExecutionId, { ledger }: Trying): ExecutionId[] {
  return ledger.begun(run).map(({ fork }) => fork);
}
