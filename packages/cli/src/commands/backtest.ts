import { writeFileSync } from 'node:fs';
import { usageOf } from '@statebag/rollout/fork';
import { readableExecutionId } from '@statebag/runs';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import { type BacktestLedger, beginLedger, openLedger } from '../backtest/backtest-ledger.ts';
import { isPassed, reportOf } from '../backtest/backtest-report.ts';
import { chosenBy, runsToTry } from '../backtest/choose-runs.ts';
import { judgeOf } from '../backtest/judge.ts';
import { runBacktest } from '../backtest/run-backtest.ts';
import { type OpenApp, type OpenOptions, openApp, requireDataDir } from '../cloud/open-app.ts';
import { useProvider } from '../cloud/provider-in-use.ts';
import { EXIT, UsageError } from '../exit.ts';
import { forkPlace, plannedFork, recordOf } from '../fork/fork-run.ts';
import { countText } from '../render/amounts.ts';
import { backtestMarkdown } from '../render/backtest-markdown.ts';
import { backtestPage } from '../render/backtest-page.ts';
import { dollars } from '../render/backtest-rows.ts';
import { backtestText, outcomeLine } from '../render/backtest-text.ts';
import { commandLine } from '../render/command-line.ts';
import { loadWorkflow } from '../run/load-workflow.ts';

export interface BacktestOptions extends OpenOptions {
  readonly config?: string;
  readonly workflow?: string;
  readonly runs: string;
  readonly limit: string;
  readonly fields?: string;
  readonly judge?: string;
  readonly maxCost?: string;
  readonly atOnce: string;
  readonly resume?: string;
  readonly dryRun?: boolean;
  readonly markdown?: string;
  readonly html?: string;
  readonly json?: boolean;
}

/** `statebag backtest`: tries a workflow on past runs, as forks of them, and says what would come out otherwise. */
export async function backtest(options: BacktestOptions): Promise<number> {
  const { dataDir, resume, dryRun = false } = options;
  const max_cost_usd = options.maxCost === undefined ? null : dollarsOf(options.maxCost);
  const at_once = countOf('--at-once', options.atOnce);
  if (resume !== undefined) refuseOthers(options);
  const wished = resume === undefined ? await wishOf(options) : undefined;
  requireDataDir(dataDir);
  const begun = resume === undefined ? undefined : openLedger(dataDir, resume);
  const app = await openApp(options);
  try {
    if (wished && dryRun) return await foretell(app, wished, options);
    await useProvider(app, options);
    const ledger = begun ?? (await beginBacktest(app, wished, dataDir));
    return await tried(app, { ledger, options, limits: { max_cost_usd, at_once } });
  } finally {
    await app.close();
  }
}

interface Tried {
  readonly ledger: BacktestLedger;
  readonly options: BacktestOptions;
  readonly limits: { readonly max_cost_usd: number | null; readonly at_once: number };
}

async function tried(app: OpenApp, { ledger, options, limits }: Tried): Promise<number> {
  const { json = false, dataDir, markdown, html } = options;
  const { id, runs } = ledger.plan;
  let done = ledger.outcomes().length;
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  process.stderr.write(`${id}: ${countText(runs.length - done, 'run')} to try\n`);
  const onward = commandLine(['backtest', '--resume', id], dataDir);
  try {
    const ended = await runBacktest({
      app,
      ledger,
      dataDir,
      ...limits,
      signal: interrupted.signal,
      onOutcome(outcome) {
        done += 1;
        process.stderr.write(outcomeLine(outcome, { done, of: runs.length }));
      },
    });
    const report = reportOf(ledger, { ended, max_cost_usd: limits.max_cost_usd });
    if (markdown !== undefined) writeFileSync(markdown, backtestMarkdown(report));
    if (html !== undefined) writeFileSync(html, backtestPage(report));
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : `\n${backtestText(report, dataDir)}`);
    if (ended === 'out of money')
      process.stderr.write(`go on with: ${onward} --max-cost <more>, or on another day\n`);
    if (ended === 'stopped') process.stderr.write(`go on with: ${onward}\n`);
    return isPassed(report) ? EXIT.succeeded : EXIT.runFailed;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** What the command line asks for, checked before anything is opened. */
async function wishOf(options: BacktestOptions) {
  const { workflow: file, config, runs, limit, fields, judge } = options;
  if (file === undefined)
    throw new UsageError(
      'backtest: nothing says what is tried\n  mend: give the new workflow (--workflow), or a backtest to go on with (--resume)',
    );
  const compiled = await loadWorkflow(file, config);
  return {
    file,
    compiled,
    filter: chosenBy(runs, compiled, Date.now()),
    most: countOf('--limit', limit),
    fields: fields?.split(',').filter(Boolean) ?? compiled.manifest.output_fields ?? ('all' as const),
    judge: judge === undefined ? null : await judgeOf(judge, config),
  };
}

type Wish = Awaited<ReturnType<typeof wishOf>>;

async function beginBacktest(app: OpenApp, wish: Wish | undefined, dataDir: string): Promise<BacktestLedger> {
  if (wish === undefined) throw new RangeError('a backtest goes on or begins');
  const { file, compiled, fields, judge } = wish;
  return beginLedger(dataDir, {
    schema_version: 1,
    id: readableExecutionId('backtest'),
    created_at: new Date().toISOString(),
    file,
    workflow: compiled.workflow,
    fields,
    runs: await someRuns(app, wish, dataDir),
    judge,
  });
}

/** @throws UsageError where no run fits */
async function someRuns(app: OpenApp, { filter, most }: Wish, dataDir: string) {
  const runs = await runsToTry(app, filter, most);
  if (runs.length > 0) return runs;
  throw new UsageError(
    `backtest: no run of ${filter.workflow_id} fits --runs in ${dataDir}
  mend: ${commandLine(['list'], dataDir)} shows the runs; runs of a workflow with another name are chosen with --runs "workflow=<id>"`,
  );
}

/** What the forks will do again, and what that cost in the runs. */
async function foretell(
  app: OpenApp,
  wish: Wish,
  { dataDir, json = false }: BacktestOptions,
): Promise<number> {
  let [repeats, depends] = [NO_USAGE, NO_USAGE];
  const runs = await someRuns(app, wish, dataDir);
  for (const run of runs) {
    const parent = await recordOf(app, run, dataDir);
    const { nodes } = await plannedFork(forkPlace(app), { parent, workflow: wish.compiled });
    repeats = addUsage(repeats, usageOf(nodes, 'repeats'));
    depends = addUsage(depends, usageOf(nodes, 'depends'));
  }
  const foretold = { runs, usage: { repeats, depends_at_most: depends } };
  process.stdout.write(
    json
      ? `${JSON.stringify(foretold)}\n`
      : `${countText(runs.length, 'run')} would be tried
nodes that changed made ${countText(repeats.llm_calls, 'model call')} in them, for ${dollars(repeats.cost_nano_usd)}
nodes that read what these write made ${countText(depends.llm_calls, 'model call')}, for ${dollars(depends.cost_nano_usd)} at most
`,
  );
  return EXIT.succeeded;
}

/** What was planned is not changed by going on. */
function refuseOthers({ workflow, judge, fields, dryRun }: BacktestOptions): void {
  const given = Object.entries({ workflow, judge, fields, 'dry-run': dryRun }).find(
    ([, value]) => value !== undefined && value !== false,
  );
  if (given === undefined) return;
  throw new UsageError(
    `--${given[0]} does not go with --resume: a backtest goes on with what it began with\n  mend: leave it out, or start another one`,
  );
}

function countOf(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`${name} ${text}: not a whole number above 0`);
}

function dollarsOf(text: string): number {
  const amount = Number(text);
  if (text.trim() !== '' && Number.isFinite(amount) && amount >= 0) return amount;
  throw new UsageError(`--max-cost ${text}: not an amount in dollars\n  mend: as in --max-cost 2.50`);
}
