import type { SFNClient } from '@aws-sdk/client-sfn';
import { NO_FACTS, type RunFacts, together, withEvent } from './facts.ts';
import { readHistory } from './follow.ts';

/** The facts of a run with those of every execution it started, to any depth. */
export async function withChildren(sfn: SFNClient, facts: RunFacts): Promise<RunFacts> {
  let all = facts;
  for (const executionArn of facts.children) {
    const history = await readHistory(sfn, executionArn);
    all = together(all, await withChildren(sfn, history.reduce(withEvent, NO_FACTS)));
  }
  return all;
}

/** What executions that follow each other did, and when the first began. */
export async function factsOf(sfn: SFNClient, executions: readonly string[]): Promise<{ readonly facts: RunFacts; readonly startDate: Date | undefined }> {
  const histories = await Promise.all(executions.map((executionArn) => readHistory(sfn, executionArn)));
  const events = histories.flat();
  return { facts: events.reduce(withEvent, NO_FACTS), startDate: events[0]?.timestamp };
}
