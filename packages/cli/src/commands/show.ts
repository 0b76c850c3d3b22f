import { DescribeExecutionCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import type { ExecutionId, Json, StateBag } from '@statebag/contracts';
import type { Approval } from '@statebag/runs';
import { type OpenApp, openAppToRead } from '../cloud/open-app.ts';
import { EXIT, UsageError } from '../exit.ts';
import { shownText } from '../render/shown-text.ts';
import { questionText } from '../run/announce-approvals.ts';
import { concludeRun } from '../run/conclude-run.ts';
import { isBagWritten, NO_FACTS, withEvent } from '../run/facts.ts';
import { readHistory } from '../run/follow.ts';
import { withChildren } from '../run/read-children.ts';
import { readSnapshot } from '../run/read-snapshot.ts';
import { lastBag, sessionFor } from '../run/read-state.ts';
import { runExecutions } from '../run/run-executions.ts';
import { valueAt } from '../run/value-at.ts';

export interface ShowOptions {
  readonly state?: boolean;
  readonly history?: boolean;
  readonly at?: string;
  readonly snapshot?: string;
  readonly path?: string;
  readonly raw?: boolean;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** `statebag show`: what a run did and knows, also while it runs and after it failed. */
export async function show(run: string, options: ShowOptions): Promise<number> {
  const app = await openAppToRead(options.dataDir);
  try {
    const executions = await runExecutions(app.sfn, run, options.dataDir);
    const described = await app.sfn.send(new DescribeExecutionCommand({ executionArn: executions.at(-1) }));
    const events = (await Promise.all(executions.map((executionArn) => readHistory(app.sfn, executionArn)))).flat();
    process.stdout.write(wantsValue(options) ? await valueText(app, bagOf(run, events, options), options) : await runText(app, described, events, options));
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

function wantsValue({ state, history, at, snapshot, path, raw }: ShowOptions): boolean {
  return state === true || history === true || raw === true || [at, snapshot, path].some((given) => given !== undefined);
}

/** The bag after the n-th result (0 is the beginning), or the last one. */
function bagOf(run: string, events: readonly HistoryEvent[], { at }: ShowOptions): StateBag {
  const envelopes = events.filter(isBagWritten).map(({ stateExitedEventDetails }) => stateExitedEventDetails?.output);
  const bag = lastBag(at === undefined ? envelopes.at(-1) : envelopes[Number(at)]);
  if (bag) return bag;
  throw new UsageError(at === undefined ? `${run}: has no state yet` : `--at ${at}: there are states 0 to ${envelopes.length - 1}`);
}

async function valueText(app: OpenApp, bag: StateBag, options: ShowOptions): Promise<string> {
  const value = await shownValue(app, bag, options);
  return `${JSON.stringify(options.path === undefined ? value : valueAt(value, options.path), null, 2)}\n`;
}

async function shownValue({ s3 }: OpenApp, bag: StateBag, { history, raw, snapshot }: ShowOptions): Promise<Json> {
  const { hydrator } = sessionFor(s3, bag);
  const standing = snapshot === undefined ? bag.current_state : await readSnapshot(hydrator, bag, snapshot);
  if (history === true) return raw === true ? bag.state_history : await hydrator.history(bag.state_history);
  if (raw === true) return snapshot === undefined ? bag : standing;
  return hydrator.fields(standing, 'all');
}

async function runText(app: OpenApp, described: Parameters<typeof concludeRun>[1], events: readonly HistoryEvent[], { json }: ShowOptions): Promise<string> {
  const facts = await withChildren(app.sfn, events.reduce(withEvent, NO_FACTS));
  const bag = lastBag(facts.lastEnvelope);
  const history = bag ? await sessionFor(app.s3, bag).hydrator.history(bag.state_history) : [];
  const { output, ...result } = await concludeRun(app, described, facts);
  const waiting = (await askedBy(app, result.execution_id)).filter(({ state }) => state === 'OPEN');
  if (json !== true) return `${shownText({ result, segments: facts.segments, history })}${waiting.map((approval) => `\n${questionText(approval)}`).join('')}`;
  const waits_for = waiting.map(({ approval_id, request: { node_id, choices }, deadline }) => ({ approval_id, node_id, choices, deadline }));
  return `${JSON.stringify({ ...result, segments: facts.segments, history, waits_for })}\n`;
}

/** What a run asked. A data directory that was made before there were approvals has no table of them. */
async function askedBy({ runs }: OpenApp, run: ExecutionId): Promise<readonly Approval[]> {
  try {
    return await runs.listApprovals(run);
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
    throw error;
  }
}
