import { isJsonObject, isStatebagError, type Json, type JsonObject } from '@statebag/contracts';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import type { Judged } from '@statebag/rollout/backtest';
import { keyedExecutionId, workflowIdOf } from '@statebag/runs';
import { sdkStarts, startRun } from '@statebag/runs/start';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { type CompiledWorkflow, cachedParser, createEvaluator, everyNode } from '@statebag/workflow';
import type { OpenApp } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import { loadWorkflow } from '../run/load-workflow.ts';
import type { JudgePlan } from './backtest-ledger.ts';
import { endOf, ranOutAt, untilEnded } from './ended-run.ts';
import { withBudget } from './with-budget.ts';

const FILE = /^(.+\.(?:json|ya?ml))(?:#(.+))?$/;
const WHOLE = /^\s*\{%[\s\S]*%\}\s*$/;

/**
 * `--judge`: an expression, or a workflow file and the node of it that judges.
 * @throws UsageError for what is neither
 */
export async function judgeOf(text: string, config: string | undefined): Promise<JudgePlan> {
  const [, file, node] = FILE.exec(text) ?? [];
  if (file !== undefined) return judgingNode(await loadWorkflow(file, config), file, node);
  const expression = WHOLE.test(text) ? text : `{% ${text} %}`;
  try {
    cachedParser()(expression);
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    throw new UsageError(
      `--judge: ${error.message}\n  mend: write an expression over before, after and different, as in --judge 'after.score >= before.score'`,
    );
  }
  return { by: 'expression', text: expression };
}

function judgingNode({ workflow }: CompiledWorkflow, file: string, wanted: string | undefined): JudgePlan {
  const writing = everyNode(workflow).filter(({ type, output_key, id }) =>
    wanted === undefined ? type === 'llm_chat' && output_key !== null : id === wanted,
  );
  const [node] = writing;
  if (writing.length === 1 && node && node.output_key !== null)
    return { by: 'node', workflow, node: node.id, field: node.output_key };
  throw new UsageError(
    `--judge ${file}: ${wanted === undefined ? `${writing.length} nodes of it ask a model` : `it has no node ${JSON.stringify(wanted)} with an output_key`}
  mend: name the node that judges: --judge ${file}#<node>`,
  );
}

/** What a judge looks at. */
export interface Case {
  readonly fork: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
  /** Names of the fields that differ. */
  readonly different: readonly string[];
}

export interface Judging {
  readonly app: OpenApp;
  readonly backtest: string;
  readonly max_cost_usd: number | null;
  readonly signal: AbortSignal;
}

/** What the judge says, and the run it said it in; `out of money` where its budget does not allow to ask. */
export interface Judgement {
  readonly judged: Judged | 'out of money';
  readonly run: string | null;
}

export async function judge(plan: JudgePlan, given: Case, judging: Judging): Promise<Judgement> {
  if (plan.by === 'expression') return { judged: await byExpression(plan.text, given), run: null };
  return byNode(plan, given, judging);
}

/** With the limits of every expression of a workflow: it says no where it cannot be evaluated. */
async function byExpression(text: string, { fork, ...given }: Case): Promise<Judged> {
  const evaluator = createEvaluator({
    view: { before: given.before, after: given.after, different: [...given.different] },
    variables: {},
    place: {
      execution_id: fork,
      start_time: new Date(0).toISOString(),
      node_id: 'judge',
      loop: '',
      item: '',
    },
    parse: cachedParser(),
  });
  try {
    return { pass: await evaluator.test(text), reason: null };
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    return { pass: null, reason: error.message };
  }
}

/** The run of a judge is called after the fork, so that a backtest that goes on asks no second time. */
async function byNode(
  plan: JudgePlan & { readonly by: 'node' },
  { fork, before, after, different }: Case,
  { app, backtest, max_cost_usd, signal }: Judging,
): Promise<Judgement> {
  const definition = withBudget(plan.workflow, backtest, max_cost_usd);
  const workflow_id = workflowIdOf(`judge-of-${plan.workflow.name}`);
  const key = `${fork} ${definition.definition_id}`;
  const { run } = await startRun(
    {
      starts: sdkStarts(app.sfn),
      runs: app.runs,
      store: s3ObjectStore(app.s3),
      bucket: LOCAL_APP.bucket,
      now: Date.now,
    },
    {
      owner_id: LOCAL_APP.owner,
      workflow_id,
      execution_id: keyedExecutionId(LOCAL_APP.owner, workflow_id, key),
      generation: 'v3',
      machine_arn: `${LOCAL_APP.machineArn}:live`,
      definition,
      given: { input: { before, after, different: [...different] } },
    },
  );
  await untilEnded(app, run.execution_arns, signal);
  const ended = await endOf(app, run);
  const { execution_id } = run;
  if (await ranOutAt(app, run, ended, backtest)) return { judged: 'out of money', run: execution_id };
  const { state, error } = ended.seen;
  return { judged: verdictIn(state[plan.field], error?.message), run: execution_id };
}

/** `{ "pass": true, "reason": "…" }`, or true or false alone. */
function verdictIn(answer: Json | undefined, failure: string | undefined): Judged {
  if (failure !== undefined) return { pass: null, reason: failure };
  if (typeof answer === 'boolean') return { pass: answer, reason: null };
  const { pass = null, reason = null }: JsonObject = isJsonObject(answer ?? null) ? Object(answer) : {};
  if (typeof pass === 'boolean') return { pass, reason: typeof reason === 'string' ? reason : null };
  return { pass: null, reason: 'the judge did not answer { "pass": true or false, "reason": "…" }' };
}
