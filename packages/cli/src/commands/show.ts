import { DescribeExecutionCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json } from '@statebag/contracts';
import { inlineState } from '@statebag/contracts/pointers';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import {
  envelopesIn,
  isBagWritten,
  NO_FACTS,
  readHistory,
  withChildren,
  withEvent,
} from '@statebag/runs/history';
import { keptStateOf } from '@statebag/state-core/legacy';
import { type OpenApp, openAppToRead } from '../cloud/open-app.ts';
import { EXIT, UsageError } from '../exit.ts';
import { commandLine } from '../render/command-line.ts';
import { shownText, standsStillText } from '../render/run-text.ts';
import { questionText } from '../run/announce-approvals.ts';
import { concludeRun } from '../run/conclude-run.ts';
import { lastBag, openedBag, readSnapshot, sessionFor } from '../run/read-state.ts';
import { runExecutions, runIdOf, whereRecorded } from '../run/run-executions.ts';
import { valueAt } from '../run/value-at.ts';
import { watchRun } from './watch-run.ts';

export interface ShowOptions {
  readonly follow?: boolean;
  readonly state?: boolean;
  readonly history?: boolean;
  readonly at?: string;
  readonly snapshot?: string;
  readonly path?: string;
  readonly raw?: boolean;
  readonly json?: boolean;
  readonly dataDir: string;
}

/**
 * `statebag show`: what a run did and knows, also while it runs and after it failed; the newest one without
 * an id.
 */
export async function show(given: string | undefined, options: ShowOptions): Promise<number> {
  const app = await openAppToRead(options.dataDir);
  try {
    const run = given ?? (await newestRun(app, options.dataDir));
    const executions = await runExecutions(app, run, options.dataDir);
    if (options.follow === true) return await followed(app, executions, options);
    const described = await app.sfn.send(new DescribeExecutionCommand({ executionArn: executions.at(-1) }));
    const events = (
      await Promise.all(executions.map((executionArn) => readHistory(app.sfn, executionArn)))
    ).flat();
    process.stdout.write(
      wantsValue(options)
        ? await valueText(app, bagOf(run, events, options), options)
        : await runText(app, { ...described, startDate: events[0]?.timestamp }, events, options),
    );
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

/** @throws UsageError where nothing was run yet */
async function newestRun(app: OpenApp, dataDir: string): Promise<string> {
  const newest = await whereRecorded(() => app.runs.listRuns(LOCAL_APP.owner, { limit: 1 }));
  const [run] = newest?.runs ?? [];
  if (run) return run.execution_id;
  const start = commandLine(['run', 'workflow.json'], dataDir);
  throw new UsageError(`${dataDir}: there is no run in it\n  mend: ${start} starts one`);
}

/** Follows a run to its end, as `run` and `resume` do. @throws UsageError where no process runs it */
async function followed(
  app: OpenApp,
  executions: readonly [string, ...string[]],
  options: ShowOptions,
): Promise<number> {
  if (wantsValue(options))
    throw new UsageError('--follow shows the run, not its state\n  mend: leave one of the two out');
  const { dataDir, json = false } = options;
  const { status } = await app.sfn.send(new DescribeExecutionCommand({ executionArn: executions.at(-1) }));
  if (status === 'RUNNING' && !app.attached) {
    const run = runIdOf(executions[0]);
    throw new UsageError(
      `${run}: no process runs it, so there is nothing to follow\n  mend: ${commandLine(['resume', run], dataDir)} goes on with it`,
    );
  }
  return watchRun(app, { executions, json, dataDir, leaves: true });
}

function wantsValue({ state, history, at, snapshot, path, raw }: ShowOptions): boolean {
  return (
    state === true ||
    history === true ||
    raw === true ||
    [at, snapshot, path].some((given) => given !== undefined)
  );
}

/** The bag after the n-th result (0 is the beginning), or the last one. */
function bagOf(run: string, events: readonly HistoryEvent[], { at }: ShowOptions): StateBag {
  const bags = events
    .filter(isBagWritten)
    .flatMap(({ stateExitedEventDetails: exited }) => [...envelopesIn(exited?.output)].reverse())
    .map(openedBag);
  const bag = at === undefined ? bags.at(-1) : bags[Number(at)];
  if (bag) return bag;
  throw new UsageError(
    at === undefined ? `${run}: has no state yet` : `--at ${at}: there are states 0 to ${bags.length - 1}`,
  );
}

async function valueText(app: OpenApp, bag: StateBag, options: ShowOptions): Promise<string> {
  const value = await shownValue(app, bag, options);
  return `${JSON.stringify(options.path === undefined ? value : valueAt(value, options.path), null, 2)}\n`;
}

async function shownValue(
  { s3 }: OpenApp,
  bag: StateBag,
  { history, raw, snapshot }: ShowOptions,
): Promise<Json> {
  const { hydrator } = sessionFor(s3, bag);
  const kept =
    snapshot === undefined ? keptStateOf(bag) : inlineState(await readSnapshot(hydrator, bag, snapshot));
  if (history === true) return raw === true ? bag.state_history : await hydrator.history(bag.state_history);
  if (raw === true) return snapshot === undefined ? bag : kept.current_state;
  return hydrator.fields(kept, 'all');
}

async function runText(
  app: OpenApp,
  described: Parameters<typeof concludeRun>[1],
  events: readonly HistoryEvent[],
  { json, dataDir }: ShowOptions,
): Promise<string> {
  const facts = await withChildren(app.sfn, events.reduce(withEvent, NO_FACTS));
  const bag = lastBag(facts.lastEnvelope);
  const history = bag ? await sessionFor(app.s3, bag).hydrator.history(bag.state_history) : [];
  const { output, ...result } = await concludeRun(app, described, facts);
  const waiting = ((await whereRecorded(() => app.runs.listApprovals(result.execution_id))) ?? []).filter(
    ({ state }) => state === 'OPEN',
  );
  const held = result.status === 'RUNNING' && app.attached;
  const still =
    result.status === 'RUNNING' && !held ? `\n${standsStillText(result.execution_id, dataDir)}\n` : '';
  if (json !== true)
    return `${shownText({ result, segments: facts.segments, history })}${still}${waiting.map((approval) => `\n${questionText(approval, dataDir)}`).join('')}`;
  const waits_for = waiting.map(({ approval_id, request: { node_id, choices }, deadline }) => ({
    approval_id,
    node_id,
    choices,
    deadline,
  }));
  return `${JSON.stringify({ ...result, held, segments: facts.segments, history, waits_for })}\n`;
}
