import { DescribeExecutionCommand, ExecutionDoesNotExist } from '@aws-sdk/client-sfn';
import { executionArnOf } from '../cloud/local-app.ts';
import { type OpenApp, openAppToRead } from '../cloud/open-app.ts';
import { EXIT, UsageError } from '../exit.ts';
import { shownText } from '../render/shown-text.ts';
import { concludeRun } from '../run/conclude-run.ts';
import { NO_FACTS, type RunFacts, withEvent } from '../run/facts.ts';
import { readHistory } from '../run/follow.ts';
import { lastBag, sessionFor } from '../run/read-state.ts';
import { valueAt } from '../run/value-at.ts';

export interface ShowOptions {
  readonly state?: boolean;
  readonly path?: string;
  readonly raw?: boolean;
  readonly json?: boolean;
  readonly dataDir: string;
}

/** `statebag show`: what a run did and knows, also while it runs and after it failed. */
export async function show(run: string, options: ShowOptions): Promise<number> {
  const app = await openAppToRead(options.dataDir);
  try {
    const executionArn = executionArnOf(run);
    const described = await app.sfn.send(new DescribeExecutionCommand({ executionArn }));
    const facts = await readFacts(app, executionArn);
    const wantsState = options.state === true || options.path !== undefined || options.raw === true;
    process.stdout.write(wantsState ? await stateText(app, facts, { run, ...options }) : await runText(app, described, facts, options));
    return EXIT.succeeded;
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist)
      throw new UsageError(`${run}: no such run in ${options.dataDir}\n  mend: statebag list shows the runs of a data directory`);
    throw error;
  } finally {
    await app.close();
  }
}

async function readFacts(app: OpenApp, executionArn: string): Promise<RunFacts> {
  const events = await readHistory(app.sfn, executionArn);
  return events.reduce(withEvent, NO_FACTS);
}

async function stateText(app: OpenApp, facts: RunFacts, { run, path, raw }: ShowOptions & { run: string }): Promise<string> {
  const bag = lastBag(facts.lastEnvelope);
  if (!bag) throw new UsageError(`${run}: has no state yet`);
  const state = raw === true ? bag : await sessionFor(app.s3, bag).hydrator.fields(bag.current_state, 'all');
  return `${JSON.stringify(path === undefined ? state : valueAt(state, path), null, 2)}\n`;
}

async function runText(app: OpenApp, described: Parameters<typeof concludeRun>[1], facts: RunFacts, { json }: ShowOptions): Promise<string> {
  const bag = lastBag(facts.lastEnvelope);
  const history = bag ? await sessionFor(app.s3, bag).hydrator.history(bag.state_history) : [];
  const { output, ...result } = await concludeRun(app, described, facts);
  return json === true ? `${JSON.stringify({ ...result, segments: facts.segments, history })}\n` : shownText({ result, segments: facts.segments, history });
}
